// The table of the filter: the system calls that Docker's default profile refuses.
#define _GNU_SOURCE
#include "calls.h"
#include <linux/capability.h>
#include <sys/syscall.h>

// From 424 on, every architecture has the same numbers; headers older than the kernel lack some.
enum {
  OPEN_TREE = 428, MOVE_MOUNT = 429, FSOPEN = 430, FSCONFIG = 431, FSMOUNT = 432, FSPICK = 433, CLONE3 = 435, PIDFD_GETFD = 438,
  PROCESS_MADVISE = 440, MOUNT_SETATTR = 442, QUOTACTL_FD = 443, MEMFD_SECRET = 447, SET_MEMPOLICY_HOME_NODE = 450, OPEN_TREE_ATTR = 467,
};

#define BIT(name) (UINT64_C(1) << CAP_##name)
#define ADMIN BIT(SYS_ADMIN)
#define TRACE BIT(SYS_PTRACE)

const struct call calls[] = {
  // Mounts.
  {SYS_mount, REFUSE, ADMIN}, {SYS_umount2, REFUSE, ADMIN}, {SYS_pivot_root, REFUSE, 0}, {SYS_chroot, REFUSE, BIT(SYS_CHROOT)},
  {OPEN_TREE, REFUSE, ADMIN}, {MOVE_MOUNT, REFUSE, ADMIN}, {FSOPEN, REFUSE, ADMIN}, {FSCONFIG, REFUSE, ADMIN},
  {FSMOUNT, REFUSE, ADMIN}, {FSPICK, REFUSE, ADMIN}, {MOUNT_SETATTR, REFUSE, ADMIN}, {OPEN_TREE_ATTR, REFUSE, ADMIN},
  {SYS_quotactl, REFUSE, ADMIN}, {QUOTACTL_FD, REFUSE, ADMIN}, {SYS_swapon, REFUSE, 0}, {SYS_swapoff, REFUSE, 0},
  {SYS_fanotify_init, REFUSE, ADMIN},
  {SYS_name_to_handle_at, REFUSE, BIT(DAC_READ_SEARCH)}, {SYS_open_by_handle_at, REFUSE, BIT(DAC_READ_SEARCH)},
  // Namespaces.
  {SYS_clone, CLONE_FLAGS, ADMIN}, {CLONE3, ABSENT, ADMIN}, {SYS_unshare, REFUSE, ADMIN}, {SYS_setns, REFUSE, ADMIN},
  {SYS_sethostname, REFUSE, ADMIN}, {SYS_setdomainname, REFUSE, ADMIN},
  // The kernel itself.
  {SYS_kexec_load, REFUSE, 0}, {SYS_kexec_file_load, REFUSE, 0}, {SYS_reboot, REFUSE, BIT(SYS_BOOT)},
  {SYS_init_module, REFUSE, BIT(SYS_MODULE)}, {SYS_finit_module, REFUSE, BIT(SYS_MODULE)},
  {SYS_delete_module, REFUSE, BIT(SYS_MODULE)}, {SYS_bpf, REFUSE, ADMIN | BIT(BPF)},
  {SYS_perf_event_open, REFUSE, ADMIN | BIT(PERFMON)}, {SYS_syslog, REFUSE, ADMIN | BIT(SYSLOG)},
  {SYS_acct, REFUSE, BIT(SYS_PACCT)}, {SYS_userfaultfd, REFUSE, 0},
  // ENOSYS, because programs fall back where the kernel lacks io_uring, and fail where it is forbidden.
  {SYS_io_uring_setup, ABSENT, 0}, {SYS_io_uring_enter, ABSENT, 0}, {SYS_io_uring_register, ABSENT, 0},
  {MEMFD_SECRET, REFUSE, 0}, {SYS_vhangup, REFUSE, BIT(SYS_TTY_CONFIG)},
  // Keys belong to the user, not to a namespace.
  {SYS_add_key, REFUSE, 0}, {SYS_request_key, REFUSE, 0}, {SYS_keyctl, REFUSE, 0},
  // Other processes.
  {SYS_ptrace, REFUSE, TRACE}, {SYS_process_vm_readv, REFUSE, TRACE}, {SYS_process_vm_writev, REFUSE, TRACE},
  {SYS_kcmp, REFUSE, TRACE}, {PIDFD_GETFD, REFUSE, TRACE}, {PROCESS_MADVISE, REFUSE, TRACE | BIT(SYS_NICE)},
  {SYS_move_pages, REFUSE, BIT(SYS_NICE)}, {SYS_migrate_pages, REFUSE, BIT(SYS_NICE)},
  // NUMA memory policy.
  {SYS_mbind, REFUSE, BIT(SYS_NICE)}, {SYS_set_mempolicy, REFUSE, BIT(SYS_NICE)}, {SYS_get_mempolicy, REFUSE, BIT(SYS_NICE)},
  {SET_MEMPOLICY_HOME_NODE, REFUSE, BIT(SYS_NICE)},
  // Clocks.
  {SYS_settimeofday, REFUSE, BIT(SYS_TIME)}, {SYS_clock_settime, REFUSE, BIT(SYS_TIME)}, {SYS_adjtimex, REFUSE, BIT(SYS_TIME)},
  {SYS_clock_adjtime, REFUSE, BIT(SYS_TIME)},
  // Refused depending on an argument.
  {SYS_ioctl, IOCTL_REQUEST, 0}, {SYS_socket, SOCKET_DOMAIN, 0}, {SYS_personality, PERSONA, 0},
  // Removed from newer kernels, and perhaps from later headers.
#ifdef SYS_lookup_dcookie
  {SYS_lookup_dcookie, REFUSE, ADMIN},
#endif
#ifdef SYS_nfsservctl
  {SYS_nfsservctl, REFUSE, 0},
#endif
#ifdef __x86_64__
  {SYS_iopl, REFUSE, BIT(SYS_RAWIO)}, {SYS_ioperm, REFUSE, BIT(SYS_RAWIO)}, {SYS_uselib, REFUSE, 0}, {SYS_ustat, REFUSE, 0},
  {SYS_sysfs, REFUSE, 0}, {SYS__sysctl, REFUSE, 0},
#endif
};

const size_t call_count = sizeof calls / sizeof *calls;

// A filter cannot check the flags of mount_setattr and open_tree_attr, which are in memory. Without the calls, programs use mount(2).
const struct call admin_calls[] = {{SYS_mount, MOUNT_FLAGS, 0}, {MOUNT_SETATTR, ABSENT, 0}, {OPEN_TREE_ATTR, ABSENT, 0}};
const size_t admin_call_count = sizeof admin_calls / sizeof *admin_calls;
