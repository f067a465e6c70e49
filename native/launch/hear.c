// Receives the child's notes, in the launcher.
#define _GNU_SOURCE
#include "line.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

// With an init, two processes send notes: the kernel adds the sender's pid, as it is in our namespace (unix(7)).
bool line_hear(int line, struct note *note, pid_t *sender) {
  union { char bytes[CMSG_SPACE(sizeof(struct ucred))]; struct cmsghdr aligned; } space;
  struct iovec text = {note, sizeof *note};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = space.bytes, .msg_controllen = sizeof space};
  ssize_t n;
  while ((n = recvmsg(line, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {}
  if (n <= 0) return false;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  struct ucred who;
  if (header == NULL || header->cmsg_type != SCM_CREDENTIALS) return true;
  memcpy(&who, CMSG_DATA(header), sizeof who);
  *sender = who.pid;
  return true;
}
