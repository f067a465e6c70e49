// What the program says, kept as framed chunks in a ring of two files.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// As a chunk's header names it.
enum stream { STREAM_TERMINAL, STREAM_STDOUT, STREAM_STDERR };

// The last `max` bytes, headers included, are always in output.1 followed by output, both in the directory `dir`.
struct output {
  int dir, file;
  uint64_t size, max;
};

// Opens the directory, removes what an earlier launch left there, and begins `output`; with `append`, goes on with the output that is
// there. On failure errno is set, and `what` names the file.
bool output_open(struct output *output, const char *dir, bool append, const char **what);

// Keeps the bytes, or drops them where the file system refuses: the program must never wait for a disk that is full.
void output_keep(struct output *output, enum stream stream, const char *bytes, size_t length);
