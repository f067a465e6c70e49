// Parses kernel names in a request: namespaces, capabilities, resources.
#define _GNU_SOURCE
#include "values.h"
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

const struct namespace_kind namespace_kinds[NAMESPACE_KINDS] = {
  {"pid", CLONE_NEWPID}, {"mnt", CLONE_NEWNS}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC}, {"net", CLONE_NEWNET},
  {"cgroup", CLONE_NEWCGROUP}, {"user", CLONE_NEWUSER}, {"time", CLONE_NEWTIME},
};

const char *value_namespace(uint64_t *flags, const char *value) {
  for (size_t i = 0; i < NAMESPACE_KINDS; i++) {
    if (strcmp(value, namespace_kinds[i].name) != 0) continue;
    *flags |= namespace_kinds[i].flag;
    return NULL;
  }
  return "not a namespace: pid, mnt, uts, ipc, net, cgroup, user or time";
}

const char *value_capability(uint64_t *kept, const char *value) {
  // By number, from 0 on, as in linux/capability.h.
  static const char *const names[] = {
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
    "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
    "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
    "PERFMON", "BPF", "CHECKPOINT_RESTORE",
  };
  _Static_assert(sizeof names / sizeof *names == CAP_CHECKPOINT_RESTORE + 1, "a capability is missing");
  for (size_t i = 0; strncmp(value, "CAP_", 4) == 0 && i < sizeof names / sizeof *names; i++) {
    if (strcmp(value + 4, names[i]) != 0) continue;
    *kept |= UINT64_C(1) << i;
    return NULL;
  }
  return "not a capability as CAP_NET_BIND_SERVICE";
}

// Parses digits up to `end`, or "max". Returns the text after it, or NULL.
static const char *bound(const char *text, char end, uint64_t *out) {
  if (strncmp(text, "max", 3) != 0 || text[3] != end) return value_number(text, end, 0, INT64_MAX, out);
  *out = RLIM_INFINITY;
  return end == '\0' ? text + 3 : text + 4;
}

const char *value_limit(struct limit *limit, const char *value) {
  static const struct { const char *name; int resource; } resources[] = {
    {"as", RLIMIT_AS}, {"core", RLIMIT_CORE}, {"cpu", RLIMIT_CPU}, {"data", RLIMIT_DATA}, {"fsize", RLIMIT_FSIZE},
    {"locks", RLIMIT_LOCKS}, {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"rss", RLIMIT_RSS}, {"rtprio", RLIMIT_RTPRIO}, {"rttime", RLIMIT_RTTIME},
    {"sigpending", RLIMIT_SIGPENDING}, {"stack", RLIMIT_STACK},
  };
  _Static_assert(sizeof resources / sizeof *resources == MAX_LIMITS, "each resource may be limited once");
  size_t length = strcspn(value, " ");
  for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
    if (strlen(resources[i].name) != length || memcmp(resources[i].name, value, length) != 0) continue;
    limit->asked = value;
    limit->resource = resources[i].resource;
    const char *at = value[length] == ' ' ? bound(value + length + 1, ' ', &limit->soft) : NULL;
    if (at == NULL || bound(at, '\0', &limit->hard) == NULL) return "not a limit as \"nofile 1024 max\"";
    return limit->soft > limit->hard ? "the soft limit is above the hard one" : NULL;
  }
  return "not a resource with a limit, such as nofile or nproc";
}
