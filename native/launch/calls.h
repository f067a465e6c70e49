// Which system calls the filter looks at.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum verdict {
  REFUSE,          // EPERM
  ABSENT,          // ENOSYS, so that the caller falls back on an older call
  CLONE_FLAGS,     // EPERM with a flag that makes a namespace
  IOCTL_REQUEST,   // EPERM for what types into another's terminal
  SOCKET_DOMAIN,   // EAFNOSUPPORT but for the usual ones
  PERSONA,         // EPERM but for the harmless ones
  MOUNT_FLAGS,     // EPERM for a mount that would get devices
};

struct call {
  unsigned number;
  enum verdict verdict;
  // With one of these capabilities it is allowed; 0: never.
  uint64_t opens;
};

extern const struct call calls[];
extern const size_t call_count;

// What CAP_SYS_ADMIN could otherwise lift devices' ban from a mount with: looked at with it, also in a program without a filter.
extern const struct call admin_calls[];
extern const size_t admin_call_count;

// The newest call that the table was made with. Which later ones would be harmless is not known yet: they are absent.
enum { NEWEST_CALL = 469 };
