// A small init as pid 1 of the program's pid namespace: reaps orphans, passes all signals on to the program, and ends when the monitor asks for it
// after the end of the program.
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

// Init's report to the monitor at the program's end, since init cannot end by the same signal.
struct program_end {
  int status;
  // Of the program and the children it waited for.
  struct rusage usage;
};

// Called by the child. Forks: the parent becomes init and never returns, the new child returns to become the program. `report` is init's end
// of a SOCK_SEQPACKET pair.
void init_split(int report);

// Called by the launcher once the program runs. Before that, init dies with the launcher and reaps nothing, so that the launcher can examine
// a program that has ended. False if init has died or does not answer before the deadline, as in a frozen group.
bool init_release(int report, int64_t deadline_ms);

// Sets the report and the program for init_end.
void init_watch(int report, pid_t program);

// Readable once the program has ended; -1 without an init.
int init_report(void);

// Ends an init whose program has ended, and with it the rest of the namespace.
void init_dismiss(void);

// Called by the monitor when its child has ended. If that was an init, `end` becomes the program's end. An init that was killed without a
// report took the program with it by the same signal.
void init_end(siginfo_t *end, struct rusage *usage);
