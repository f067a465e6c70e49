// A launcher that is not root, and what it does about that.
#pragma once
#include <stdbool.h>
#include <stddef.h>

// Becomes root of a user and a mount namespace of its own, where the caller's uid and gid are 0, and begins anew with the same request. To
// join a program, it enters the namespace that the launcher of that one made.
// Returns only where the system does not allow it, with errno; `what` names the call.
void rootless_begin_anew(const char *request, size_t length, const char **what);

// Whether the kernel forbids setgroups(2) here, as it does below a user namespace that somebody made without root. By the launcher, in the
// host's mounts: once joined, /proc may be what a program has mounted there.
bool rootless_groups_stay(void);
