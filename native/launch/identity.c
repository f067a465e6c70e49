// Reads passwd(5) and group(5) without the C library's name services, which would load what the root has. A file may be anything: it is read up to
// a limit, and lines that are too long are skipped.
#define _GNU_SOURCE
#include "identity.h"
#include "values.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINE = 8192, READ_MAX = 16 << 20, FIELDS = 7 };

struct lines {
  int file;
  char text[LINE];
  size_t at, got, total;
};

// No magic links of /proc, which lead to open files; and nothing that makes a reader wait.
static bool lines_open(struct lines *lines, const char *path) {
  struct open_how how = {.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
  struct stat found;
  memset(lines, 0, sizeof *lines);
  lines->file = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
  if (lines->file < 0) return false;
  if (fstat(lines->file, &found) == 0 && S_ISREG(found.st_mode)) return true;
  close(lines->file);
  return false;
}

// The next line without its end, or NULL.
static char *lines_next(struct lines *lines) {
  bool skipped = false;
  for (;;) {
    char *start = lines->text + lines->at, *end = memchr(start, '\n', lines->got - lines->at);
    if (end != NULL) {
      *end = '\0';
      lines->at = (size_t)(end + 1 - lines->text);
      if (!skipped) return start;
      skipped = false;
      continue;
    }
    lines->got -= lines->at;
    memmove(lines->text, start, lines->got);
    lines->at = 0;
    if (lines->got == sizeof lines->text) {
      skipped = true;
      lines->got = 0;
    }
    ssize_t n = lines->total >= READ_MAX ? 0 : read(lines->file, lines->text + lines->got, sizeof lines->text - lines->got);
    if (n <= 0) return NULL;
    lines->got += (size_t)n;
    lines->total += (size_t)n;
  }
}

// Returns how many fields the line has.
static size_t split(char *line, char *fields[FIELDS]) {
  size_t count = 0;
  while (count < FIELDS && line != NULL) fields[count++] = strsep(&line, ":");
  return count;
}

static bool is_number(const char *text, uint32_t *id) { return value_id(id, text) == NULL; }

// Finds the user by name, or else by number.
static bool find_user(const char *name, uint32_t number, struct identity *who) {
  struct lines lines;
  bool found = false;
  if (!lines_open(&lines, "/etc/passwd")) return false;
  for (char *line; !found && (line = lines_next(&lines)) != NULL;) {
    char *field[FIELDS];
    uint32_t uid, gid;
    if (split(line, field) < 6 || !is_number(field[2], &uid) || !is_number(field[3], &gid)) continue;
    if (name != NULL ? strcmp(field[0], name) != 0 : uid != number) continue;
    found = true;
    who->uid = uid;
    who->gid = gid;
    snprintf(who->name, sizeof who->name, "%.*s", NAME_SIZE - 1, field[0]);
    snprintf(who->home, sizeof who->home, "%s", field[5]);
  }
  close(lines.file);
  return found;
}

static bool is_member(char *members, const char *name) {
  for (char *member; (member = strsep(&members, ",")) != NULL;) {
    if (strcmp(member, name) == 0) return true;
  }
  return false;
}

// Finds the group of that name, and adds those that the user is in.
static bool read_groups(const char *wanted, struct identity *who) {
  struct lines lines;
  bool found = false;
  if (!lines_open(&lines, "/etc/group")) return false;
  for (char *line; (line = lines_next(&lines)) != NULL;) {
    char *field[FIELDS];
    uint32_t gid;
    if (split(line, field) < 4 || !is_number(field[2], &gid)) continue;
    if (wanted != NULL && !found && strcmp(field[0], wanted) == 0) {
      found = true;
      who->gid = gid;
    }
    if (who->name[0] != '\0' && who->group_count < GROUPS_MAX && is_member(field[3], who->name)) who->groups[who->group_count++] = gid;
  }
  close(lines.file);
  return found;
}

bool identity_find(const char *user, const char *group, struct identity *who, char *message, size_t size) {
  uint32_t uid = 0, gid = 0;
  bool numbered = user == NULL || is_number(user, &uid);
  memset(who, 0, sizeof *who);
  if (!find_user(numbered ? NULL : user, uid, who)) {
    if (!numbered) {
      snprintf(message, size, "the launch's /etc/passwd has no such user");
      errno = ENOENT;
      return false;
    }
    who->uid = uid;
    who->gid = uid;
  }
  bool group_numbered = group != NULL && is_number(group, &gid);
  if (!read_groups(group_numbered ? NULL : group, who) && group != NULL && !group_numbered) {
    snprintf(message, size, "the launch's /etc/group has no such group");
    errno = ENOENT;
    return false;
  }
  if (group_numbered) who->gid = gid;
  return true;
}
