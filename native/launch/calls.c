// The table of the filter: the system calls that Docker's default profile refuses. Compiled for each architecture whose calls the kernel takes,
// as these have numbers of their own.
#include "calls.h"
#include <linux/capability.h>
#ifdef CALLS_OF_I386
#include <asm/unistd_32.h>
#define TABLE(name) name##_i386
#else
#include <asm/unistd.h>
#define TABLE(name) name
#endif

// From 424 on, every architecture has the same numbers; headers older than the kernel lack some.
enum {
  OPEN_TREE = 428, MOVE_MOUNT = 429, FSOPEN = 430, FSCONFIG = 431, FSMOUNT = 432, FSPICK = 433, CLONE3 = 435, PIDFD_GETFD = 438,
  PROCESS_MADVISE = 440, MOUNT_SETATTR = 442, QUOTACTL_FD = 443, MEMFD_SECRET = 447, SET_MEMPOLICY_HOME_NODE = 450, OPEN_TREE_ATTR = 467,
};

#define BIT(name) (UINT64_C(1) << CAP_##name)
#define ADMIN BIT(SYS_ADMIN)
#define TRACE BIT(SYS_PTRACE)

const struct call TABLE(calls)[] = {
  // Mounts.
  {__NR_mount, REFUSE, ADMIN}, {__NR_umount2, REFUSE, ADMIN}, {__NR_pivot_root, REFUSE, 0}, {__NR_chroot, REFUSE, BIT(SYS_CHROOT)},
  {OPEN_TREE, REFUSE, ADMIN}, {MOVE_MOUNT, REFUSE, ADMIN}, {FSOPEN, REFUSE, ADMIN}, {FSCONFIG, REFUSE, ADMIN},
  {FSMOUNT, REFUSE, ADMIN}, {FSPICK, REFUSE, ADMIN}, {MOUNT_SETATTR, REFUSE, ADMIN}, {OPEN_TREE_ATTR, REFUSE, ADMIN},
  {__NR_quotactl, REFUSE, ADMIN}, {QUOTACTL_FD, REFUSE, ADMIN}, {__NR_swapon, REFUSE, 0}, {__NR_swapoff, REFUSE, 0},
  {__NR_fanotify_init, REFUSE, ADMIN},
  {__NR_name_to_handle_at, REFUSE, BIT(DAC_READ_SEARCH)}, {__NR_open_by_handle_at, REFUSE, BIT(DAC_READ_SEARCH)},
  // Namespaces.
  {__NR_clone, CLONE_FLAGS, ADMIN}, {CLONE3, ABSENT, ADMIN}, {__NR_unshare, REFUSE, ADMIN}, {__NR_setns, REFUSE, ADMIN},
  {__NR_sethostname, REFUSE, ADMIN}, {__NR_setdomainname, REFUSE, ADMIN},
  // The kernel itself.
  {__NR_kexec_load, REFUSE, 0}, {__NR_reboot, REFUSE, BIT(SYS_BOOT)},
#ifdef __NR_kexec_file_load
  {__NR_kexec_file_load, REFUSE, 0},
#endif
  {__NR_init_module, REFUSE, BIT(SYS_MODULE)}, {__NR_finit_module, REFUSE, BIT(SYS_MODULE)},
  {__NR_delete_module, REFUSE, BIT(SYS_MODULE)}, {__NR_bpf, REFUSE, ADMIN | BIT(BPF)},
  {__NR_perf_event_open, REFUSE, ADMIN | BIT(PERFMON)}, {__NR_syslog, REFUSE, ADMIN | BIT(SYSLOG)},
  {__NR_acct, REFUSE, BIT(SYS_PACCT)}, {__NR_userfaultfd, REFUSE, 0},
  // ENOSYS, because programs fall back where the kernel lacks io_uring, and fail where it is forbidden.
  {__NR_io_uring_setup, ABSENT, 0}, {__NR_io_uring_enter, ABSENT, 0}, {__NR_io_uring_register, ABSENT, 0},
  {MEMFD_SECRET, REFUSE, 0}, {__NR_vhangup, REFUSE, BIT(SYS_TTY_CONFIG)},
  // Keys belong to the user, not to a namespace.
  {__NR_add_key, REFUSE, 0}, {__NR_request_key, REFUSE, 0}, {__NR_keyctl, REFUSE, 0},
  // Other processes.
  {__NR_ptrace, REFUSE, TRACE | OWN_PROCESSES}, {__NR_process_vm_readv, REFUSE, TRACE | OWN_PROCESSES},
  {__NR_process_vm_writev, REFUSE, TRACE | OWN_PROCESSES},
  {__NR_kcmp, REFUSE, TRACE}, {PIDFD_GETFD, REFUSE, TRACE}, {PROCESS_MADVISE, REFUSE, TRACE | BIT(SYS_NICE)},
  {__NR_move_pages, REFUSE, BIT(SYS_NICE)}, {__NR_migrate_pages, REFUSE, BIT(SYS_NICE)},
  // NUMA memory policy.
  {__NR_mbind, REFUSE, BIT(SYS_NICE)}, {__NR_set_mempolicy, REFUSE, BIT(SYS_NICE)}, {__NR_get_mempolicy, REFUSE, BIT(SYS_NICE)},
  {SET_MEMPOLICY_HOME_NODE, REFUSE, BIT(SYS_NICE)},
  // Clocks.
  {__NR_settimeofday, REFUSE, BIT(SYS_TIME)}, {__NR_clock_settime, REFUSE, BIT(SYS_TIME)}, {__NR_adjtimex, REFUSE, BIT(SYS_TIME)},
  {__NR_clock_adjtime, REFUSE, BIT(SYS_TIME)},
  // Refused depending on an argument.
  {__NR_ioctl, IOCTL_REQUEST, 0}, {__NR_socket, SOCKET_DOMAIN, 0}, {__NR_personality, PERSONA, 0},
  // Removed from newer kernels, and perhaps from later headers.
#ifdef __NR_lookup_dcookie
  {__NR_lookup_dcookie, REFUSE, ADMIN},
#endif
#ifdef __NR_nfsservctl
  {__NR_nfsservctl, REFUSE, 0},
#endif
#ifdef __x86_64__
  {__NR_iopl, REFUSE, BIT(SYS_RAWIO)}, {__NR_ioperm, REFUSE, BIT(SYS_RAWIO)}, {__NR_uselib, REFUSE, 0}, {__NR_ustat, REFUSE, 0},
  {__NR_sysfs, REFUSE, 0}, {__NR__sysctl, REFUSE, 0},
#endif
#ifdef CALLS_OF_I386
  // Its arguments are in memory, where a filter cannot check them; C libraries have used calls of their own since Linux 4.3.
  {__NR_socketcall, ABSENT, 0},
  {__NR_umount, REFUSE, ADMIN}, {__NR_stime, REFUSE, BIT(SYS_TIME)}, {__NR_clock_settime64, REFUSE, BIT(SYS_TIME)},
  {__NR_clock_adjtime64, REFUSE, BIT(SYS_TIME)}, {__NR_vm86, REFUSE, 0}, {__NR_vm86old, REFUSE, 0},
#endif
};

const size_t TABLE(call_count) = sizeof TABLE(calls) / sizeof *TABLE(calls);

// A filter cannot check the flags of mount_setattr and open_tree_attr, which are in memory. Without the calls, programs use mount(2).
const struct call TABLE(admin_calls)[] = {{__NR_mount, MOUNT_FLAGS, 0}, {MOUNT_SETATTR, ABSENT, 0}, {OPEN_TREE_ATTR, ABSENT, 0}};
const size_t TABLE(admin_call_count) = sizeof TABLE(admin_calls) / sizeof *TABLE(admin_calls);
