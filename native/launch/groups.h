// Moves a process into control groups, and out of a frozen one.
#pragma once
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

// Moves the process into the group of the cgroup.procs file at the absolute path `procs`. On failure errno is set, and `message` where errno
// does not explain it.
bool group_join(const char *procs, pid_t pid, const char **message);

// The directory of a cgroup.procs file; false with errno if that has no such name or a longer one.
bool group_path(const char *procs, char path[PATH_MAX]);

// A descriptor of the group's directory for CLONE_INTO_CGROUP; -1 if it is not on v2.
int group_directory(const char *procs);

// Tries to move the process to the root of the hierarchy of `procs`.
void group_leave(const char *procs, pid_t pid);

// The folder of the hierarchy of `procs` below /sys/fs/cgroup, "" for a single hierarchy. False if it is mounted elsewhere.
bool group_hierarchy(const char *procs, char *name, size_t size);
