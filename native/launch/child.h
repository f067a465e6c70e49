// The new process between clone and exec.
#pragma once
#include "request.h"

// The child's descriptors, all above STATUS_FD; -1 where there is none.
struct child_end {
  // The launcher's end of the line is closed first: while a copy is open here, the launcher's end would go unnoticed.
  int line, launchers_line;
  // They become stdin, stdout and stderr.
  int inside[3];
  // The pidfd of the process to join, and init's end of its socket pair.
  int joined, report;
  bool groups_stay;
};

// Waits on `line` until the launcher releases it, sets everything up and executes the program. Never returns.
_Noreturn void child_run(const struct request *request, const struct child_end *end);
