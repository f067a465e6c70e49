// Compiles the table to BPF as a binary search, so that a call costs about seven comparisons. For calls that are always allowed the kernel
// skips the filter (the action cache of seccomp(2)).
#define _GNU_SOURCE
#include "seccomp.h"
#include "calls.h"
#include "line.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the filter knows the system calls of x86_64 and aarch64"
#endif

enum { PROGRAM_MAX = 1024, CALLS_MAX = 128, MAKES_NAMESPACE = 0x7e020000 };

static struct sock_filter program[PROGRAM_MAX];
static size_t length;

static void put(uint16_t code, uint32_t k, size_t if_true, size_t if_false) {
  // Jump offsets are bytes; an incomplete filter must not be installed.
  if (length == PROGRAM_MAX || if_true > 255 || if_false > 255) abort();
  program[length++] = (struct sock_filter){code, (uint8_t)if_true, (uint8_t)if_false, k};
}

static void load(size_t offset) { put(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0); }
static void answer(uint32_t action) { put(BPF_RET | BPF_K, action, 0, 0); }
static void refuse(int error) { answer(SECCOMP_RET_ERRNO | (uint32_t)error); }

// Loads the low half of an argument, which is all that the kernel uses of an int, so that the upper half cannot disguise it (CVE-2019-10063).
// Both architectures are little-endian.
static void load_argument(size_t i) { load(offsetof(struct seccomp_data, args) + 8 * i); }

// Refuses with `error` if the argument is one of the values, or if it is none of them.
static void match(const uint32_t *values, size_t count, bool listed_is_refused, int error) {
  for (size_t i = 0; i < count; i++) put(BPF_JMP | BPF_JEQ | BPF_K, values[i], count - i, 0);
  if (listed_is_refused) {
    answer(SECCOMP_RET_ALLOW);
    refuse(error);
  } else {
    refuse(error);
    answer(SECCOMP_RET_ALLOW);
  }
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void put_verdict(enum verdict verdict, uint64_t kept) {
  static const uint32_t typing[] = {TIOCSTI, 0x541c /* TIOCLINUX */};
  static const uint32_t domains[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET};
  // PER_LINUX, PER_LINUX32, UNAME26, both, and "which is it?"; at last ADDR_NO_RANDOMIZE, for debuggers.
  static const uint32_t personas[] = {0, 8, 0x20000, 0x20008, 0xffffffff, 0x40000, 0x40008};
  switch (verdict) {
    case REFUSE: refuse(EPERM); break;
    case ABSENT: refuse(ENOSYS); break;
    case CLONE_FLAGS:
      load_argument(0);
      put(BPF_JMP | BPF_JSET | BPF_K, MAKES_NAMESPACE, 0, 1);
      refuse(EPERM);
      answer(SECCOMP_RET_ALLOW);
      break;
    case IOCTL_REQUEST:
      load_argument(1);
      match(typing, COUNT(typing), true, EPERM);
      break;
    case SOCKET_DOMAIN:
      load_argument(0);
      match(domains, COUNT(domains) - !(kept & UINT64_C(1) << CAP_NET_RAW), false, EAFNOSUPPORT);
      break;
    case PERSONA:
      load_argument(0);
      match(personas, COUNT(personas) - (kept & OWN_PROCESSES ? 0 : 2), false, EPERM);
      break;
    // Only a change of an existing mount's flags: the kernel gives no devices to a file system that a user namespace has mounted.
    case MOUNT_FLAGS:
      load_argument(3);
      put(BPF_ALU | BPF_AND | BPF_K, MS_REMOUNT | MS_BIND | MS_NODEV, 0, 0);
      put(BPF_JMP | BPF_JEQ | BPF_K, MS_REMOUNT | MS_BIND, 0, 1);
      refuse(EPERM);
      answer(SECCOMP_RET_ALLOW);
      break;
  }
}

// Searches these calls for the number in the accumulator. Every path ends in an answer.
static void search(const struct call *sorted, size_t count, uint64_t kept) {
  if (count == 1) {
    put(BPF_JMP | BPF_JEQ | BPF_K, sorted->number, 1, 0);
    answer(SECCOMP_RET_ALLOW);
    put_verdict(sorted->verdict, kept);
    return;
  }
  size_t jump = length, half = count / 2;
  put(BPF_JMP | BPF_JGE | BPF_K, sorted[half].number, 0, 0);
  search(sorted, half, kept);
  size_t left = length - jump - 1;
  if (left > 255) abort();
  program[jump].jt = (uint8_t)left;
  search(sorted + half, count - half, kept);
}

// Those of the table that no kept capability opens, in their order among the others.
static size_t sort_in(struct call *sorted, size_t count, const struct call *table, size_t table_count, uint64_t kept) {
  for (size_t i = 0; i < table_count && count < CALLS_MAX; i++) {
    if (table[i].opens & kept) continue;
    size_t at = count++;
    for (; at > 0 && sorted[at - 1].number > table[i].number; at--) sorted[at] = sorted[at - 1];
    sorted[at] = table[i];
  }
  return count;
}

// The tables of one architecture; ends in an answer for each call.
static void put_calls(const struct call *table, size_t table_count, const struct call *admin, size_t admin_count, uint64_t kept, bool unfiltered) {
  struct call sorted[CALLS_MAX];
  size_t count = unfiltered ? 0 : sort_in(sorted, 0, table, table_count, kept);
  if (kept & UINT64_C(1) << CAP_SYS_ADMIN) count = sort_in(sorted, count, admin, admin_count, kept);
  load(offsetof(struct seccomp_data, nr));
  // This includes x32 calls, which are those of x86_64 with a high bit.
  put(BPF_JMP | BPF_JGT | BPF_K, NEWEST_CALL, 0, 1);
  refuse(ENOSYS);
  search(sorted, count, kept);
}

void seccomp_compose(uint64_t kept, bool unfiltered) {
  length = 0;
  if (unfiltered && !(kept & UINT64_C(1) << CAP_SYS_ADMIN)) return;
  load(offsetof(struct seccomp_data, arch));
  // The architecture's own calls are further away than the offset of a conditional jump reaches.
  put(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, 1);
  size_t jump = length;
  put(BPF_JMP | BPF_JA, 0, 0, 0);
#ifdef __x86_64__
  put(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0);
#endif
  // On another architecture the same number is another call.
  answer(SECCOMP_RET_KILL_PROCESS);
#ifdef __x86_64__
  put_calls(calls_i386, call_count_i386, admin_calls_i386, admin_call_count_i386, kept, unfiltered);
#endif
  program[jump].k = (uint32_t)(length - jump - 1);
  put_calls(calls, call_count, admin_calls, admin_call_count, kept, unfiltered);
}

void seccomp_install(void) {
  if (length == 0) return;
  struct sock_fprog filter = {.len = (unsigned short)length, .filter = program};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0) fail(STEP_SECCOMP, "SECCOMP_SET_MODE_FILTER");
  done(STEP_SECCOMP);
}
