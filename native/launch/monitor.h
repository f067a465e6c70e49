// What stays of the launcher while the program runs: it keeps the end of the output and writes down how the program ended.
#pragma once
#include "output.h"
#include <sys/types.h>

struct monitor {
  struct output *output;
  pid_t pid;
  int pidfd;
  // When the program began, by CLOCK_BOOTTIME: a machine that sleeps counts as time that it ran.
  int64_t started_ms;
  // Non-blocking: the read ends of stdout and stderr, or the terminal's master and the socket for who looks at it. The others are -1.
  int out, err, master, listener;
};

// Keeps what the program says until it ends, then writes `exit`. The program is not reaped before `exit` is there: who finds neither
// a process nor a record knows that the monitor was killed.
void monitor_run(struct monitor *monitor);
