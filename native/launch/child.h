// The new process between clone and exec.
#pragma once
#include "channels.h"

// Waits on its line until the launcher releases it, sets everything up and executes the program. Never returns. `joined`: the pidfd of the
// process to join, -1 for none. `keep_groups`: see rootless_keeps_groups.
_Noreturn void child_run(struct request *request, const struct channels *channels, int joined, bool keep_groups);
