// The output's ring of two files: `output` grows to its limit, becomes `output.1`, and a new one begins.
#define _GNU_SOURCE
#include "monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int begin(int dir) { return openat(dir, "output", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600); }

static bool removed(int dir, const char *name) { return unlinkat(dir, name, 0) == 0 || errno == ENOENT; }

bool output_open(struct output *output, const char *dir, const char **what) {
  *what = dir;
  output->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (output->dir < 0) return false;
  // A record that is already there would be taken for this program's end.
  *what = "exit";
  if (!removed(output->dir, *what)) return false;
  *what = "output.1";
  if (!removed(output->dir, *what)) return false;
  *what = "output";
  output->size = 0;
  output->file = begin(output->dir);
  return output->file >= 0;
}

// Each step may fail (the directory is gone, the disk is full) and is tried again with the next bytes. For a moment there is no
// `output`: readers take that as an empty one.
static bool has_room(struct output *output) {
  if (output->file >= 0 && output->size >= output->max) {
    if (renameat(output->dir, "output", output->dir, "output.1") < 0) return false;
    close(output->file);
    output->file = -1;
  }
  if (output->file < 0) {
    output->size = 0;
    output->file = begin(output->dir);
  }
  return output->file >= 0;
}

void output_keep(struct output *output, const char *bytes, size_t length) {
  while (length > 0 && has_room(output)) {
    uint64_t room = output->max - output->size;
    ssize_t written = write(output->file, bytes, length < room ? length : (size_t)room);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    output->size += (uint64_t)written;
    bytes += written;
    length -= (size_t)written;
  }
}
