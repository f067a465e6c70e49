// Pid 1 of a pid namespace whose program is a child of it: reaps what is orphaned, passes signals on, and ends with the program.
#pragma once
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

// What init tells the monitor when the program has ended; init itself cannot die of the signal that the program died of.
struct program_end {
  int status;
  // Of the program and the children it waited for.
  struct rusage usage;
};

// By the child: splits into init, which never returns, and the program, which does. `report` is init's end of a SOCK_SEQPACKET pair.
void init_split(int report);

// By the launcher, once the program runs: before that init reaps nothing, so that the launcher can look at a program that has ended,
// and dies with the launcher. False if init has died, or does not answer before the deadline (its group was frozen).
bool init_release(int report, int64_t deadline_ms);

// From then on init_end knows whose end it is asked for.
void init_watch(int report, pid_t program);

// By the monitor, when the process that it watches has ended: where that was an init, the end becomes the program's. An init that was
// killed took its program with it, and in the same way.
void init_end(siginfo_t *end, struct rusage *usage);
