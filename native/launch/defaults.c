// Resets what fork(2) and execve(2) pass on. Errors are ignored: without root some values cannot be raised again.
#define _GNU_SOURCE
#include "defaults.h"
#include "limits.h"
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MIB(count) (UINT64_C(count) << 20)
#define NONE RLIM64_INFINITY

// include/asm-generic/resource.h, and systemd's DefaultLimitNOFILE and DefaultLimitMEMLOCK. Processes and signals depend on the memory: pid 1 has
// the kernel's.
static const struct standard {
  const char *name;
  int resource;
  uint64_t soft, hard;
} standards[] = {
  {"as", RLIMIT_AS, NONE, NONE}, {"core", RLIMIT_CORE, 0, NONE}, {"cpu", RLIMIT_CPU, NONE, NONE}, {"data", RLIMIT_DATA, NONE, NONE},
  {"fsize", RLIMIT_FSIZE, NONE, NONE}, {"locks", RLIMIT_LOCKS, NONE, NONE}, {"memlock", RLIMIT_MEMLOCK, MIB(8), MIB(8)},
  {"msgqueue", RLIMIT_MSGQUEUE, 819200, 819200}, {"nice", RLIMIT_NICE, 0, 0}, {"nofile", RLIMIT_NOFILE, 1024, 524288},
  {"nproc", RLIMIT_NPROC, 0, 0}, {"rss", RLIMIT_RSS, NONE, NONE}, {"rtprio", RLIMIT_RTPRIO, 0, 0}, {"rttime", RLIMIT_RTTIME, NONE, NONE},
  {"sigpending", RLIMIT_SIGPENDING, 0, 0}, {"stack", RLIMIT_STACK, MIB(8), NONE},
};
_Static_assert(sizeof standards / sizeof *standards == MAX_LIMITS, "each resource has a default");

static bool is_given(const struct request *request, int resource) {
  for (size_t i = 0; i < request->limit_count; i++) {
    if (request->limits[i].resource == resource) return true;
  }
  return false;
}

// Raises our own hard limit to see whether the program's may be.
static void cap_to_ours(struct limit *limit) {
  struct rlimit64 own;
  enum __rlimit_resource resource = (enum __rlimit_resource)limit->resource;
  if (getrlimit64(resource, &own) < 0 || own.rlim_max >= limit->hard) return;
  struct rlimit64 raised = {.rlim_cur = own.rlim_cur, .rlim_max = limit->hard};
  if (setrlimit64(resource, &raised) == 0) return;
  limit->hard = own.rlim_max;
  if (limit->soft > limit->hard) limit->soft = limit->hard;
}

void defaults_limits(struct request *request) {
  for (size_t i = 0; i < MAX_LIMITS; i++) {
    const struct standard *standard = &standards[i];
    if (is_given(request, standard->resource)) continue;
    struct limit limit = {standard->name, standard->resource, standard->soft, standard->hard};
    struct rlimit64 first;
    if (limit.resource == RLIMIT_NPROC || limit.resource == RLIMIT_SIGPENDING) {
      if (prlimit64(1, (enum __rlimit_resource)limit.resource, NULL, &first) < 0) continue;
      limit.soft = first.rlim_cur;
      limit.hard = first.rlim_max;
    }
    if (limit.resource == RLIMIT_NOFILE && limit.hard > most_open_files()) limit.hard = most_open_files();
    cap_to_ours(&limit);
    request->limits[request->limit_count++] = limit;
  }
}

void defaults_scheduling(const struct request *request, pid_t child) {
  enum { IOPRIO_WHO_PROCESS = 1, CPUS_MAX = 8192 };
  struct sched_param none = {.sched_priority = 0};
  // Those of pid 1, which leaves out CPUs that the machine keeps apart; the kernel leaves those of them that the group's cpuset has.
  unsigned char cpus[CPUS_MAX / 8];
  if (sched_getscheduler(child) != SCHED_OTHER) sched_setscheduler(child, SCHED_OTHER, &none);
  long bytes = syscall(SYS_sched_getaffinity, 1, sizeof cpus, cpus);
  if (bytes > 0) syscall(SYS_sched_setaffinity, child, bytes, cpus);
  syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, child, 0);
  if (!request->nice.given) setpriority(PRIO_PROCESS, (id_t)child, 0);
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/oom_score_adj", child);
  if (!request->oom_score.given) proc_write(path, "0", 1);
  // What a core file contains (core(5)).
  snprintf(path, sizeof path, "/proc/%d/coredump_filter", child);
  proc_write(path, "0x33", 4);
}

void defaults_own(void) {
  enum { TIMER_SLACK_NS = 50000, MPOL_DEFAULT = 0 };
  personality(PER_LINUX);
  prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0);
  prctl(PR_SET_THP_DISABLE, 0, 0, 0, 0);
  syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
}
