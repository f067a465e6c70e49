// Moving a process into control groups, and out of one that holds it.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Moves the process into the group whose cgroup.procs file `procs` (an absolute path) names. On failure errno is set; `message` is
// set too where errno does not say it.
bool group_join(const char *procs, pid_t pid, const char **message);

// The directory of the group of `procs`, as a descriptor for CLONE_INTO_CGROUP; -1 where it is not of v2.
int group_directory(const char *procs);

// Moves the process to the root of the hierarchy of `procs`, as far as that can be done.
void group_leave(const char *procs, pid_t pid);

// The name of the hierarchy of `procs`: its folder below /sys/fs/cgroup, "" for a single hierarchy. False where it is mounted elsewhere.
bool group_hierarchy(const char *procs, char *name, size_t size);
