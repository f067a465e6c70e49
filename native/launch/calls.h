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

// Beside the capabilities: the program has a pid and a user namespace, so that it sees and may trace its own processes only.
#define OWN_PROCESSES (UINT64_C(1) << 63)

// Those with _i386 are for 32-bit programs on x86_64.
extern const struct call calls[], calls_i386[];
extern const size_t call_count, call_count_i386;

// Calls by which a program with CAP_SYS_ADMIN could remove nodev from a mount. Checked also where the program is unfiltered otherwise.
extern const struct call admin_calls[], admin_calls_i386[];
extern const size_t admin_call_count, admin_call_count_i386;

// The newest call that the table considers. Later ones may be harmful, so the filter answers ENOSYS to them.
enum { NEWEST_CALL = 469 };
