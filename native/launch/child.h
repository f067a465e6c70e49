// The new process between clone and exec.
#pragma once
#include "request.h"

// The child's descriptors, all above STATUS_FD; -1 where there is none.
struct child_end {
  // The launcher's own end of the line is closed first: as long as we held it, its death would not show.
  int line, launchers_line;
  // What becomes stdin, stdout and stderr.
  int inside[3];
  // The process whose namespaces are joined, and init's end of its pair.
  int joined, report;
  bool groups_stay;
};

// Waits on `line` to be released, sets everything up and becomes the program. Never returns.
_Noreturn void child_run(const struct request *request, const struct child_end *end);
