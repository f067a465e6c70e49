// Resource limits, OOM score, nice value and umask of a program.
#pragma once
#include "request.h"
#include <sys/types.h>

// In place of "max" for open files the most that the machine allows (fs.nr_open), or us where we may not raise our own. False with errno, a message and `what` names
// the limit where more than that is asked for.
bool limits_resolve(struct request *request, const char **message, const char **what);

// By the launcher, which may raise what the program could not: its hard limits, OOM score and nice value. On failure errno is set and
// `what` names the setting.
bool limits_allow(const struct request *request, pid_t child, const char **what);

// By the child, last: no limit may hit what comes before the program.
void limits_take(const struct request *request);

// Writes to a file of /proc, once it is known to be one (CVE-2025-52881).
bool proc_write(const char *path, const char *text, size_t length);
