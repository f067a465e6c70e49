// Signals and counts the processes of a group by its cgroup.procs file.
#define _GNU_SOURCE
#include "rest.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { AT_ONCE = 256, PIDS_MAX = 4 << 20 };

// A bit for each pid that had SIGTERM; only pages that are used take memory.
static unsigned char signalled[PIDS_MAX / 8];

struct target {
  pid_t pid;
  int pidfd;
};

// Calls back for each process but the init. The kernel lists no zombies.
static void list(const struct rest *rest, void (*each)(pid_t pid, void *of), void *of) {
  FILE *file = rest->procs[0] == '\0' ? NULL : fopen(rest->procs, "re");
  int pid;
  while (file != NULL && fscanf(file, "%d", &pid) == 1) {
    if (pid > 0 && pid < PIDS_MAX && pid != rest->init) each(pid, of);
  }
  if (file != NULL) fclose(file);
}

static void count(pid_t pid, void *of) {
  (void)pid;
  ++*(size_t *)of;
}

size_t rest_count(const struct rest *rest) {
  size_t found = 0;
  list(rest, count, &found);
  return found;
}

struct targets {
  struct target target[AT_ONCE];
  size_t count;
};

static void collect(pid_t pid, void *of) {
  struct targets *targets = of;
  if (targets->count == AT_ONCE || (signalled[pid / 8] & 1 << pid % 8)) return;
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (pidfd >= 0) targets->target[targets->count++] = (struct target){pid, pidfd};
}

// Listed again after its pidfd was opened, so it is not another process that has got the pid of one that has ended.
static void terminate(pid_t pid, void *of) {
  const struct targets *targets = of;
  for (size_t i = 0; i < targets->count; i++) {
    if (targets->target[i].pid != pid) continue;
    syscall(SYS_pidfd_send_signal, targets->target[i].pidfd, SIGTERM, NULL, 0);
    syscall(SYS_pidfd_send_signal, targets->target[i].pidfd, SIGCONT, NULL, 0);
    signalled[pid / 8] |= (unsigned char)(1 << pid % 8);
  }
}

static size_t terminate_some(const struct rest *rest) {
  struct targets targets = {.count = 0};
  list(rest, collect, &targets);
  if (targets.count > 0) list(rest, terminate, &targets);
  for (size_t i = 0; i < targets.count; i++) close(targets.target[i].pidfd);
  return targets.count;
}

static bool stopped(int dir, int *grace_ms) {
  char text[16] = "";
  int file = openat(dir, "stop", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return false;
  if (read(file, text, sizeof text - 1) > 0) *grace_ms = atoi(text);
  close(file);
  return true;
}

int rest_end(const struct rest *rest, int dir) {
  int grace_ms = rest->grace_ms;
  if (stopped(dir, &grace_ms)) return grace_ms;
  while (terminate_some(rest) == AT_ONCE) {}
  // What was forked between the list and the signal.
  terminate_some(rest);
  return grace_ms;
}
