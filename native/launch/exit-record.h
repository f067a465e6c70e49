// The exit record: how the program ended, and what it used.
#pragma once
#include "output.h"
#include <sys/resource.h>
#include <sys/types.h>

struct exit_record {
  pid_t pid;
  // As in siginfo_t: CLD_EXITED with an exit code, or another with a signal's number.
  int code, status;
  // When the program itself ended, on the wall clock, and after how long.
  int64_t time_ms, run_ms;
  // Processes left in its group after the grace time, and whether they were killed, with its pid namespace, or continue.
  size_t left;
  bool left_killed;
  // Of the program and the children that it waited for.
  struct rusage used;
};

// "SIGKILL", "SIGRTMIN+1", or "SIG" and the number.
void signal_name(int number, char *name, size_t size);

// Writes `exit`. It is more important than output, so on a full disk output is removed for it.
void exit_record_write(struct output *output, const struct exit_record *record);
