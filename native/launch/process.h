// The launcher's accesses to /proc/<pid> of its child.
#pragma once
#include "request.h"
#include <sys/types.h>

// Writes `uid_map` or `gid_map`; false with errno, and the file's path in `path`.
enum { MAP_PATH_MAX = 48 };
bool map_write(pid_t child, const char *name, const struct id_maps *maps, char path[MAP_PATH_MAX]);

// Whether a process, also a zombie, has not executed a program. `status` is set to its wait(2) status, or 0 if unknown.
bool never_executed(pid_t pid, int *status);

// A message for a process that ended before exec, by its wait status.
const char *why_ended(int status);
