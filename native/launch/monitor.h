// The launcher's part while the program runs: stores the end of the output, and records how the program ended.
#pragma once
#include "output.h"
#include "rest.h"
#include <sys/types.h>

struct monitor {
  struct output *output;
  pid_t pid;
  int pidfd;
  // The program's start by CLOCK_BOOTTIME, so that time while the machine is suspended counts.
  int64_t started_ms;
  // Non-blocking: the read ends of stdout and stderr, or the terminal's master and the socket for clients. The others are -1.
  int out, err, master, listener;
  // What is left in its group when the program ends.
  struct rest rest;
};

// Stores the output until the program and what it has left have ended or the grace time is over, then writes `exit`. The program is reaped only afterwards, so that neither a process nor a record
// means that the monitor was killed.
void monitor_run(struct monitor *monitor);
