// The system-call filter of a program: it refuses what containers refuse, and what is newer than this table.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Composes the filter for a program that keeps these capabilities (a bit each): some of what is refused opens with one. By the launcher,
// so that the child has only to install it. One that is to be unfiltered and keeps CAP_SYS_ADMIN is still held from devices: its mounts
// show the owner's own of a directory root, and nodev is all that is between (a mount's flags are not locked in its own namespace).
void seccomp_compose(uint64_t kept, bool unfiltered);

// From here on this process and all that it starts are held to what was composed, if anything was. Needs no_new_privs, or CAP_SYS_ADMIN in its user namespace.
void seccomp_install(void);
