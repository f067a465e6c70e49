// The system-call filter of a program: it refuses what containers refuse, and what is newer than this table.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Composes the filter for a program that keeps these capabilities (a bit each): some of what is refused opens with one. By the launcher,
// so that the child has only to install it.
void seccomp_compose(uint64_t kept);

// From here on this process and all that it starts are held to it. Needs no_new_privs, or CAP_SYS_ADMIN in its user namespace.
void seccomp_install(void);
