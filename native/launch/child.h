// The new process between clone and exec.
#pragma once
#include "request.h"
#include "status.h"
#include <stdint.h>

// What the child says to the launcher, one message of a SOCK_SEQPACKET pair each: a step is done (number 0, `what` a note or
// empty) or failed. The pair is close-on-exec: its end without a failure means that the program runs.
struct note {
  int32_t step, number;
  char what[WHAT_MAX];
};

// The child's descriptors, all above STATUS_FD.
struct child_end {
  // The launcher's own end of the line is closed first: as long as we held it, its death would not show.
  int line, launchers_line;
  // What becomes stdin, stdout and stderr.
  int inside[3];
};

// Waits on `line` for the launcher's one byte, sets everything up and becomes the program. Never returns.
_Noreturn void child_run(const struct request *request, const struct child_end *end);
