// Parses what an agent sends of a group strictly, and writes the texts from before over those of the guard.
#define _GNU_SOURCE
#include "record.h"
#include "../launch/descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

enum { DEADLINE_LEAST_MS = 100, DEADLINE_MOST_MS = 3600000, CONTENT_MAX = 256, RETRY_LEAST_MS = 100, RETRY_MOST_MS = 2000 };

const char *next_field(const char **at, const char *end) {
  const char *field = *at;
  if (field >= end) return NULL;
  *at = field + strlen(field) + 1;
  return field;
}

int64_t to_number(const char *text) {
  int64_t value = 0;
  if (*text == '\0') return -1;
  for (; *text != '\0'; text++) {
    if (*text < '0' || *text > '9') return -1;
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *text - '0', &value)) return -1;
  }
  return value;
}

// A group's directory, which must be in a hierarchy of control groups and have the inode.
static int open_dir(const char *path, const char *inode) {
  struct stat stats;
  struct statfs filesystem;
  if (*path != '/') return errno = EINVAL, -1;
  int dir = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir < 0) return -1;
  if (fstat(dir, &stats) == 0 && fstatfs(dir, &filesystem) == 0) {
    if (filesystem.f_type != CGROUP_SUPER_MAGIC && filesystem.f_type != CGROUP2_SUPER_MAGIC) errno = ENOTTY;
    else if ((int64_t)stats.st_ino != to_number(inode)) errno = ESTALE;
    else return dir;
  }
  close_keeping_errno(dir);
  return -1;
}

static bool is_name(const char *name) { return *name != '\0' && *name != '.' && strchr(name, '/') == NULL; }

// The values of what may follow a file: `ours TEXT`, `mark NAME THEIRS`. Returns false if it is neither, or has too few.
static bool skip_values(const char *kind, const char **at, const char *end) {
  bool is_mark = strcmp(kind, "mark") == 0;
  if (!is_mark && strcmp(kind, "ours") != 0) return false;
  return next_field(at, end) != NULL && (!is_mark || next_field(at, end) != NULL);
}

// Keeps the fields of the files, and opens the directories, whose paths are not needed any more.
static bool take_fields(struct record *record, const char *at, const char *end) {
  size_t dirs = 0, files = 0;
  char *kept = record->fields;
  for (const char *begin = at, *kind; (kind = next_field(&at, end)) != NULL; begin = at) {
    if (strcmp(kind, "dir") == 0) {
      const char *path = next_field(&at, end), *inode = next_field(&at, end);
      if (inode == NULL || dirs == DIRS_MAX) return errno = EINVAL, false;
      if ((record->dirs[dirs] = open_dir(path, inode)) < 0) return false;
      dirs++;
      kept = stpcpy(kept, kind) + 1;
      continue;
    }
    if (strcmp(kind, "file") == 0) {
      const char *name = next_field(&at, end), *restore = next_field(&at, end), *usage = next_field(&at, end);
      if (dirs == 0 || files++ == FILES_MAX || usage == NULL || !is_name(name) || *restore == '\0' || (*usage != '\0' && !is_name(usage)))
        return errno = EINVAL, false;
    } else if (files == 0 || !skip_values(kind, &at, end)) {
      return errno = EINVAL, false;
    }
    kept = (char *)mempcpy(kept, begin, (size_t)(at - begin));
  }
  record->length = (uint32_t)(kept - record->fields);
  return files > 0 || (errno = EINVAL, false);
}

struct record *record_make(const char *fields, size_t length) {
  const char *at = fields, *end = fields + length;
  next_field(&at, end);
  const char *id = next_field(&at, end), *deadline = next_field(&at, end);
  int64_t deadline_ms = deadline == NULL ? -1 : to_number(deadline);
  if (deadline_ms < DEADLINE_LEAST_MS || deadline_ms > DEADLINE_MOST_MS || *id == '\0' || strlen(id) > ID_MAX) return errno = EINVAL, NULL;
  struct record *record = calloc(1, sizeof *record + (size_t)(end - at));
  if (record == NULL) return NULL;
  record->deadline_ms = deadline_ms;
  record->owner = -1;
  strcpy(record->id, id);
  for (size_t i = 0; i < DIRS_MAX; i++) record->dirs[i] = -1;
  if (take_fields(record, at, end) && record->length <= RECORD_MAX) {
    // Less than was asked for, without the paths.
    struct record *smaller = realloc(record, sizeof *record + record->length);
    return smaller == NULL ? record : smaller;
  }
  if (record->length > RECORD_MAX) errno = E2BIG;
  int error = errno;
  record_free(record);
  errno = error;
  return NULL;
}

void record_free(struct record *record) {
  if (record == NULL) return;
  for (size_t i = 0; i < DIRS_MAX; i++) close_keeping_errno(record->dirs[i]);
  free(record);
}

// The text of a control file without its last newline. Returns -1 with errno.
static ssize_t read_file(int fd, char content[CONTENT_MAX]) {
  ssize_t n = TEMP_FAILURE_RETRY(pread(fd, content, CONTENT_MAX - 1, 0));
  if (n < 0) return n;
  content[n] = '\0';
  if (n > 0 && content[n - 1] == '\n') content[n - 1] = '\0';
  return n;
}

// memory.oom_control of v1 has three lines, of which a guard writes the first; all others have one.
static bool has_line(const char *content, const char *line) {
  size_t length = strlen(line);
  for (const char *at = content; at != NULL; at = strchr(at, '\n')) {
    if (*at == '\n') at++;
    if (strncmp(at, line, length) == 0 && (at[length] == '\0' || at[length] == '\n')) return true;
  }
  return false;
}

// A hard limit below the usage would kill. `max` is no number, and above all.
static bool exceeds_usage(int dir, const char *usage, const char *text) {
  char content[CONTENT_MAX];
  int64_t bytes = to_number(text);
  if (*usage == '\0' || bytes < 0) return true;
  int fd = openat(dir, usage, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t n = read_file(fd, content);
  close(fd);
  int64_t used = n < 0 ? -1 : to_number(content);
  return used >= 0 && bytes > used;
}

// Whether a file has this text as an extended attribute.
static bool has_mark(int fd, const char *name, const char *text) {
  char mark[CONTENT_MAX];
  ssize_t n = fgetxattr(fd, name, mark, sizeof mark);
  return n >= 0 && (size_t)n == strlen(text) && memcmp(mark, text, (size_t)n) == 0;
}

// Writes the text from before, if the file has one of the guard's now. Returns false with errno if it is to be tried again.
static bool return_file(int fd, int dir, const char *restore, const char *usage, const char *ours, const char *end) {
  char content[CONTENT_MAX];
  bool is_ours = false;
  if (read_file(fd, content) < 0) return false;
  if (has_line(content, restore)) return true;
  const char *kind, *name = NULL, *theirs = "";
  for (; (kind = next_field(&ours, end)) != NULL && strcmp(kind, "ours") == 0;) is_ours |= has_line(content, next_field(&ours, end));
  if (kind != NULL && strcmp(kind, "mark") == 0) {
    name = next_field(&ours, end);
    theirs = next_field(&ours, end);
    if (has_mark(fd, name, theirs)) return true;
  }
  if (!is_ours) return true;
  if (!exceeds_usage(dir, usage, restore)) return errno = EBUSY, false;
  if (TEMP_FAILURE_RETRY(write(fd, restore, strlen(restore))) < 0) return false;
  // Whoever writes the guard's text again is not the guard.
  if (name != NULL) fsetxattr(fd, name, theirs, strlen(theirs), 0);
  return true;
}

bool record_return(struct record *record, int64_t now_ms) {
  if (record->returning_ms == 0) record->returning_ms = now_ms;
  const char *at = record->fields, *end = at + record->length;
  uint32_t all = 0, bit = 1;
  int *dir = record->dirs - 1;
  for (const char *kind; (kind = next_field(&at, end)) != NULL;) {
    if (strcmp(kind, "dir") == 0) dir++;
    else if (!skip_values(kind, &at, end)) {
      const char *name = next_field(&at, end), *restore = next_field(&at, end), *usage = next_field(&at, end);
      if ((record->done & bit) == 0) {
        // Without O_NONBLOCK a lower limit of v2 would reclaim memory before the write returns, while other groups wait.
        int fd = openat(*dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
        // ENOENT, ENODEV: the group was removed.
        if (fd < 0 ? errno == ENOENT || errno == ENODEV : return_file(fd, *dir, restore, usage, at, end) || errno == ENODEV)
          record->done |= bit;
        if (fd >= 0) close(fd);
      }
      all |= bit;
      bit <<= 1;
    }
  }
  int64_t tried_ms = now_ms - record->returning_ms;
  record->next_ms = now_ms + (tried_ms < RETRY_LEAST_MS ? RETRY_LEAST_MS : tried_ms > RETRY_MOST_MS ? RETRY_MOST_MS : tried_ms);
  return record->done == all || tried_ms >= RETRY_FOR_MS;
}
