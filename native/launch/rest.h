// What a program leaves in its group when it ends: daemons and other sessions get SIGTERM and the grace time.
#pragma once
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct rest {
  // A cgroup.procs file of the program's group; "" for none: nothing is waited for.
  const char *procs;
  // The init, which is not counted and not signalled.
  pid_t init;
  // The time between SIGTERM and the end, in ms.
  int grace_ms;
};

// Sends SIGTERM, and SIGCONT for those that are stopped, to each process of the group. The directory may have a file `stop` with another grace
// time: then all had SIGTERM from whoever wrote it, and get no second one, which many programs take as an order to end at once. Returns the
// grace time in ms.
int rest_end(const struct rest *rest, int dir);

// How many processes are left.
size_t rest_count(const struct rest *rest);
