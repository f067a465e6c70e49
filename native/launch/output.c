// Writes output to a ring of two files: `output` grows to its maximum, is renamed to `output.1`, and a new one begins. Other processes may read
// at any moment, because a complete chunk is never changed.
#define _GNU_SOURCE
#include "output.h"
#include "hostpath.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct header {
  uint64_t time_us;
  uint32_t length;
  uint8_t stream, zero[3];
};
_Static_assert(sizeof(struct header) == 16, "a header is 16 bytes (README.md)");

static int begin(int dir) { return openat(dir, "output", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600); }

static bool removed(int dir, const char *name) { return unlinkat(dir, name, 0) == 0 || errno == ENOENT; }

// Appends to the existing file. If that ends in an incomplete chunk, as after a crash of the machine, readers miss what is appended until the
// next file begins.
static bool continue_output(struct output *output) {
  struct stat found;
  output->file = openat(output->dir, "output", O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (output->file < 0 || fstat(output->file, &found) < 0) return false;
  output->size = (uint64_t)found.st_size;
  return true;
}

bool output_open(struct output *output, const char *dir, bool append, const char **what) {
  // An old exit record or socket would be taken for this program's.
  static const char *const stale[] = {"exit", "tty.sock", "stop", "output.1"};
  size_t gone = append ? 3 : sizeof stale / sizeof *stale;
  *what = dir;
  output->dir = host_directory(dir);
  if (output->dir < 0) return false;
  for (size_t i = 0; i < gone; i++) {
    *what = stale[i];
    if (!removed(output->dir, *what)) return false;
  }
  *what = "output";
  if (append) return continue_output(output);
  output->size = 0;
  output->file = begin(output->dir);
  return output->file >= 0;
}

// Makes room for a header and a byte. Each step may fail (directory removed, disk full) and is tried again with the next output. For a moment
// there is no `output`, which readers treat as empty.
static bool has_room(struct output *output) {
  if (output->file >= 0 && output->size + sizeof(struct header) >= output->max) {
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

// Writes a complete chunk or nothing: if the disk accepts only a part, that is cut off again. If that fails too, the file counts as full, so
// that nothing follows the part.
static bool write_chunk(struct output *output, struct header *header, const char *bytes, size_t length) {
  header->length = htole32((uint32_t)length);
  struct iovec parts[] = {{header, sizeof *header}, {(void *)(uintptr_t)bytes, length}};
  size_t whole = sizeof *header + length;
  ssize_t written = TEMP_FAILURE_RETRY(pwritev(output->file, parts, 2, (off_t)output->size));
  if (written == (ssize_t)whole) {
    output->size += whole;
    return true;
  }
  if (written > 0 && ftruncate(output->file, (off_t)output->size) < 0) output->size = output->max;
  return false;
}

void output_write(struct output *output, enum stream stream, const char *bytes, size_t length) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  struct header header = {
    .time_us = htole64((uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000),
    .stream = (uint8_t)stream,
  };
  while (length > 0 && has_room(output)) {
    uint64_t room = output->max - output->size - sizeof header;
    size_t part = length < room ? length : (size_t)room;
    if (!write_chunk(output, &header, bytes, part)) return;
    bytes += part;
    length -= part;
  }
}
