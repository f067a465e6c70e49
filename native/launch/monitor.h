// What stays of the launcher while the program runs: it keeps the end of the output and writes down how the program ended.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// The last `max` bytes are always in output.1 followed by output, both in the directory `dir`.
struct output {
  int dir, file;
  uint64_t size, max;
};

// Opens the directory, removes what an earlier launch left there, and begins `output`. On failure errno is set, and `what` names the file.
bool output_open(struct output *output, const char *dir, const char **what);

// Keeps the bytes, or drops them where the file system refuses: the program must never wait for a disk that is full.
void output_keep(struct output *output, const char *bytes, size_t length);

// Pumps `pipe` (non-blocking) into the output until the program ends, then writes `exit`. The program is not reaped before `exit` is
// there: who finds neither a process nor a record knows that the monitor was killed.
void monitor_run(struct output *output, pid_t pid, int pidfd, int pipe);
