// Closes descriptors on the way out of a failure, whose errno the caller still reports.
#pragma once
#include <errno.h>
#include <unistd.h>

// Leaves errno as it is. -1: there is none.
static inline void close_keeping_errno(int fd) {
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
}
