// What the launcher writes to and reads from /proc/<pid> of its child.
#pragma once
#include "request.h"
#include <sys/types.h>

// Writes `uid_map` or `gid_map`; false with errno, and the file's path in `path`.
enum { MAP_PATH_MAX = 48 };
bool map_write(pid_t child, const char *name, const struct id_maps *maps, char path[MAP_PATH_MAX]);

// Whether a process, a dead one included, has ended without executing anything; and how, as wait(2) says it, or 0 where that is not to be known.
bool never_executed(pid_t pid, int *status);

// How a process ended that did not become the program, by its wait status.
const char *death_before_exec(int status);
