// The system call filter of a program: refuses the calls that containers usually refuse, and calls newer than its table.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// Compiles the filter for a program with these capabilities (a bit each), some of which allow further calls. Called by the launcher, so that
// the child only installs it. An unfiltered program with CAP_SYS_ADMIN still gets a filter against devices: in a directory root, files keep
// their owner, and only nodev protects device files, since mount flags are not locked in the mount namespace that set them.
void seccomp_compose(uint64_t kept, bool unfiltered);

// Applies what was composed, if anything, to this process and its descendants. Needs no_new_privs, or CAP_SYS_ADMIN in its user namespace.
void seccomp_install(void);
