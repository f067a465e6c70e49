// Reads the mounts of a process.
#pragma once
#include <stdbool.h>

struct mount_line {
  int id, parent;
  unsigned major, minor;
  // The mount point, escaped as in the file; only valid during the call.
  char *path;
};

// Calls back for each mount of a mountinfo file, in its order; false where it cannot be read.
bool mounts_each(const char *file, void (*take)(const struct mount_line *line, void *more), void *more);

// Replaces the escaped characters of a mount point.
void mounts_unescape(char *path);
