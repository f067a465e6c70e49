// Stores the program's output as chunks with headers in a ring of two files.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The stream's number in a chunk's header.
enum stream { STREAM_TERMINAL, STREAM_STDOUT, STREAM_STDERR };

// The last `max` bytes, headers included, are always in output.1 followed by output, both in the directory `dir`.
struct output {
  int dir, file;
  uint64_t size, max;
};

// Opens the directory, removes an earlier launch's files, and begins `output`; with `append`, continues the existing output. On failure errno
// is set, and `what` names the file.
bool output_open(struct output *output, const char *dir, bool append, const char **what);

// Stores the bytes, or drops them if the file system refuses, so that the program never waits for a full disk.
void output_write(struct output *output, enum stream stream, const char *bytes, size_t length);
