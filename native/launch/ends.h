// Both ends of the program's stdin, stdout and stderr: /dev/null and two pipes, or a terminal.
#pragma once
#include "tty.h"

// All close-on-exec, and above STATUS_FD if the descriptors up to that are open; -1: none.
struct ends {
  // They become the program's descriptors 0, 1 and 2. With a terminal all three are the same.
  int inside[3];
  // The monitor's ends, non-blocking.
  int out, err, master, listener;
};

// For a program with these host ids. If `size` is not NULL, it gets a terminal, whose socket is made in the directory `dir`. On failure errno
// is set, and `what` names what could not be made.
struct ends_plan {
  uid_t uid;
  gid_t gid;
  const struct tty_size *size;
  int dir;
};
bool ends_open(struct ends *ends, const struct ends_plan *plan, const char **what);

// Closes the program's ends in the launcher, which otherwise would never see the end of the output.
void ends_let_go(struct ends *ends);
