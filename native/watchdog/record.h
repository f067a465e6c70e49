// What a guard changed in one group, and how it is given back.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// On v1 a group is in two hierarchies that a guard uses, memory and freezer.
enum { DIRS_MAX = 2, FILES_MAX = 8, ID_MAX = 31, RECORD_MAX = 4 << 10, RETRY_FOR_MS = 60000 };

struct record {
  char id[ID_MAX + 1];
  // The connection of its agent; -1: closed.
  int owner;
  // When the connection was closed.
  int64_t closed_ms;
  int64_t deadline_ms;
  // When giving back began, 0 before; and when it is tried again.
  int64_t returning_ms, next_ms;
  // A bit for each file that needs no other try.
  uint32_t done;
  // Directories of the group, kept open: a later group of the same name is another directory.
  int dirs[DIRS_MAX];
  uint32_t length;
  // The fields of its files, each ended by NUL.
  char fields[];
};

// Makes a record of a `set` message: `set ID DEADLINE_MS`, then for each directory `dir PATH INODE`, and for each of its control files, in
// the order in which they are given back, `file NAME RESTORE USAGE` and `ours TEXT` for each text that may be replaced. USAGE names a file
// with bytes that RESTORE must exceed, or is empty. Returns NULL with errno: EINVAL for a message that is none, ESTALE if a directory has
// another inode, ENOTTY if it is none of a control group, else what the kernel answered.
struct record *record_make(const char *fields, size_t length);
void record_free(struct record *record);

// Tries each file that is not done. Returns whether all are done, or RETRY_FOR_MS is over.
bool record_return(struct record *record, int64_t now_ms);

// The next of the NUL-ended fields, and moves on; NULL at the end.
const char *next_field(const char **at, const char *end);
// A decimal number; -1 if it is none or above INT64_MAX.
int64_t to_number(const char *text);
