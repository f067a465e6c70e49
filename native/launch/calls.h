// The system calls that the filter refuses or checks.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum verdict {
  REFUSE,          // EPERM
  ABSENT,          // ENOSYS, so that the caller falls back on an older call
  CLONE_FLAGS,     // EPERM with a flag that makes a namespace
  IOCTL_REQUEST,   // EPERM for requests that insert input into a terminal
  SOCKET_DOMAIN,   // EAFNOSUPPORT except for the usual domains
  PERSONA,         // EPERM except for the harmless ones
  MOUNT_FLAGS,     // EPERM for a mount without nodev
};

struct call {
  unsigned number;
  enum verdict verdict;
  // Capabilities of which one is enough to allow the call; 0: none.
  uint64_t opens;
};

extern const struct call calls[];
extern const size_t call_count;

// Calls by which a program with CAP_SYS_ADMIN could remove nodev from a mount. Checked also where the program is unfiltered otherwise.
extern const struct call admin_calls[];
extern const size_t admin_call_count;

// The newest call that the table considers. Later ones may be harmful, so the filter answers ENOSYS to them.
enum { NEWEST_CALL = 469 };
