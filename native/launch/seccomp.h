// The system call filter of a program: refuses the calls that containers usually refuse, and calls newer than its table.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Compiles the filter for a program with these capabilities (a bit each), some of which allow further calls. Called by the launcher, so that
// the child only installs it. `kept` may have OWN_PROCESSES (calls.h) besides. A program with CAP_SYS_ADMIN gets a filter that keeps nodev even if it is unfiltered otherwise: in a directory
// root files keep their owner, so only nodev disables device files there, and the kernel lets the program remove it from its own mounts.
void seccomp_compose(uint64_t kept, bool unfiltered);

// Applies what was composed, if anything, to this process and its descendants. Needs no_new_privs, or CAP_SYS_ADMIN in its user namespace.
void seccomp_install(void);
