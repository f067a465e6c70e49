// Resource limits, OOM score, nice value and umask of a program.
#pragma once
#include "request.h"
#include <sys/types.h>

// fs.nr_open.
uint64_t most_open_files(void);

// Adds the defaults for what is not asked, and replaces "max" for nofile by fs.nr_open, or by our own hard limit where we may not raise it. False with errno, `message` and the limit in
// `what` for more than fs.nr_open.
bool limits_resolve(struct request *request, const char **message, const char **what);

// Called by the launcher for what the program may not do itself: raise hard limits, set OOM score and nice value. What is not asked becomes the system's default. On failure errno is set,
// and `what` names the setting.
bool limits_allow(const struct request *request, pid_t child, const char **what);

// Called by the child last, so that no limit affects the steps before.
void limits_take(const struct request *request);

// Writes to a file of /proc after checking that it is on procfs (CVE-2025-52881).
bool proc_write(const char *path, const char *text, size_t length);
