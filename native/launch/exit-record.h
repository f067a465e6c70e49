// The exit record: how the program ended, and what it used.
#pragma once
#include "output.h"
#include <sys/resource.h>
#include <sys/types.h>

struct exit_record {
  pid_t pid;
  // As in siginfo_t: CLD_EXITED with an exit code, or another with a signal's number.
  int code, status;
  int64_t run_ms;
  // Of the program and the children that it waited for.
  struct rusage used;
};

// "SIGKILL", "SIGRTMIN+1", or "SIG" and the number.
void signal_name(int number, char *name, size_t size);

// Writes `exit`. It is more important than output, so on a full disk output is removed for it.
void exit_record_write(struct output *output, const struct exit_record *record);
