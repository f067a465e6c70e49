// Lets a launcher work without root.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// Makes a user and a mount namespace in which the caller's uid and gid are 0, and executes the launcher again with the same request. To join
// a program, it enters the user namespace that the launcher of that program made. Returns only on failure, with errno; `what` names the call.
void rootless_execute(const char *request, size_t length, const char **what);

// Whether the kernel forbids setgroups(2) here, as in user namespaces that were made without root. Called by the launcher in the host's
// mounts, because in joined namespaces /proc may be anything.
bool rootless_keeps_groups(void);
