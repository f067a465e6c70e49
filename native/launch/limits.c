// Sets limits by prlimit(2), setpriority(2) and proc_pid_oom_score_adj(5).
#define _GNU_SOURCE
#include "limits.h"
#include "defaults.h"
#include "descriptor.h"
#include "line.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

bool proc_write(const char *path, const char *text, size_t length) {
  struct statfs fs;
  int file = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return false;
  bool procfs = fstatfs(file, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
  bool written = procfs && write(file, text, length) == (ssize_t)length;
  if (!procfs) errno = EXDEV;
  close_keeping_errno(file);
  return written;
}

uint64_t most_open_files(void) {
  unsigned long long most = 0;
  FILE *file = fopen("/proc/sys/fs/nr_open", "re");
  bool found = file != NULL && fscanf(file, "%llu", &most) == 1;
  if (file != NULL) fclose(file);
  return found ? most : RLIM64_INFINITY;
}

// The most open files: without permission to raise the hard limit, our own hard limit.
static uint64_t most_for_us(uint64_t most) {
  struct rlimit64 own;
  if (getrlimit64(RLIMIT_NOFILE, &own) < 0 || own.rlim_max >= most) return most;
  struct rlimit64 raised = {.rlim_cur = own.rlim_cur, .rlim_max = most};
  return setrlimit64(RLIMIT_NOFILE, &raised) == 0 ? most : own.rlim_max;
}

bool limits_resolve(struct request *request, const char **message, const char **what) {
  static char text[80];
  for (size_t i = 0; i < request->limit_count; i++) {
    struct limit *limit = &request->limits[i];
    if (limit->resource != RLIMIT_NOFILE) continue;
    uint64_t most = most_open_files();
    if (limit->hard == RLIM64_INFINITY) limit->hard = most_for_us(most);
    if (limit->soft > limit->hard) limit->soft = limit->hard;
    if (limit->hard <= most) continue;
    snprintf(text, sizeof text, "more than fs.nr_open, which is %llu on this machine", (unsigned long long)most);
    *message = text;
    *what = limit->asked;
    errno = EPERM;
    return false;
  }
  defaults_limits(request);
  return true;
}

bool limits_allow(const struct request *request, pid_t child, const char **what) {
  for (size_t i = 0; i < request->limit_count; i++) {
    const struct limit *limit = &request->limits[i];
    struct rlimit64 now;
    *what = limit->asked;
    if (prlimit64(child, (enum __rlimit_resource)limit->resource, NULL, &now) < 0) return false;
    if (limit->hard <= now.rlim_max) continue;
    now.rlim_max = limit->hard;
    if (prlimit64(child, (enum __rlimit_resource)limit->resource, &now, NULL) < 0) return false;
  }
  defaults_scheduling(request, child);
  *what = "nice";
  if (request->nice.given && setpriority(PRIO_PROCESS, (id_t)child, request->nice.value) < 0) return false;
  *what = "oomscore";
  if (!request->oom_score.given) return true;
  char path[40], text[16];
  snprintf(path, sizeof path, "/proc/%d/oom_score_adj", child);
  int length = snprintf(text, sizeof text, "%d", request->oom_score.value);
  return proc_write(path, text, (size_t)length);
}

void limits_take(const struct request *request) {
  for (size_t i = 0; i < request->limit_count; i++) {
    const struct limit *limit = &request->limits[i];
    struct rlimit64 set = {.rlim_cur = limit->soft, .rlim_max = limit->hard};
    if (setrlimit64((enum __rlimit_resource)limit->resource, &set) < 0) fail(STEP_LIMITS, limit->asked);
  }
  // The program does not inherit the agent's umask.
  umask(request->umask.given ? (mode_t)request->umask.value : 022);
}
