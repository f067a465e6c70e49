// What connects the new process to the launcher: stdin, stdout and stderr, the line for its steps, and init's report.
#pragma once
#include "request.h"

// All close-on-exec, and above STATUS_FD if the descriptors up to that are open; -1: none.
struct channels {
  // They become the program's descriptors 0, 1 and 2. With a terminal all three are the same; -1: the child opens it in the program's own root.
  int inside[3];
  // The monitor's ends of them, non-blocking.
  int out, err, master, listener;
  // SOCK_SEQPACKET pairs; the first of each is the launcher's. The report only with an init.
  int line[2], report[2];
};

// Opens /dev/null and two pipes, or a terminal, whose socket is made in the directory `dir`. On failure errno is set, and `what` names what
// could not be made.
bool channels_open(struct channels *channels, const struct request *request, int dir, const char **what);

// Opens the terminal of a program with mounts of its own in the child, into `inside`, and sends the launcher its master.
void channels_open_inside(const struct channels *channels, const struct request *request, int inside[3]);

// The master that the child has sent, instead of one of the host.
void channels_take_master(struct channels *channels, int master);

// Closes the new process's ends in the launcher, which otherwise would never see the end of the output and of the steps.
void channels_close_inside(struct channels *channels);
