// Reads /proc/PID/mountinfo (proc_pid_mountinfo(5)).
#define _GNU_SOURCE
#include "mounts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool parse(char *text, struct mount_line *line) {
  int at = 0;
  if (sscanf(text, "%d %d %u:%u %*s %n", &line->id, &line->parent, &line->major, &line->minor, &at) < 4 || at == 0) return false;
  line->path = text + at;
  line->path[strcspn(line->path, " \n")] = '\0';
  return true;
}

bool mounts_each(const char *file, void (*take)(const struct mount_line *line, void *more), void *more) {
  FILE *mounts = fopen(file, "re");
  char *text = NULL;
  size_t size = 0;
  struct mount_line line;
  if (mounts == NULL) return false;
  while (getline(&text, &size, mounts) > 0) {
    if (parse(text, &line)) take(&line, more);
  }
  bool good = !ferror(mounts);
  free(text);
  fclose(mounts);
  return good;
}

void mounts_unescape(char *path) {
  char *to = path;
  for (const char *from = path; *from != '\0'; to++) {
    unsigned code;
    bool escaped = from[0] == '\\' && sscanf(from + 1, "%3o", &code) == 1;
    *to = escaped ? (char)code : *from;
    from += escaped ? 4 : 1;
  }
  *to = '\0';
}
