// Writes id maps (user_namespaces(7)) and reads how a process ended (proc_pid_stat(5)).
#define _GNU_SOURCE
#include "process.h"
#include "exit-record.h"
#include "limits.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

// A map can be written only once, in one write. setgroups stays allowed, because the child needs it to drop our supplementary groups; the
// program has no capability for it.
bool map_write(pid_t child, const char *name, const struct id_maps *maps, char path[MAP_PATH_MAX]) {
  char text[MAX_MAPS * 40];
  size_t length = 0;
  snprintf(path, MAP_PATH_MAX, "/proc/%d/%s", child, name);
  for (size_t i = 0; i < maps->count; i++) {
    const struct id_map *line = &maps->line[i];
    length += (size_t)snprintf(text + length, sizeof text - length, "%u %u %u\n", line->inside, line->outside, line->count);
  }
  return proc_write(path, text, length);
}

// PF_FORKNOEXEC: the kernel clears it in exec before it closes descriptors (proc_pid_stat(5), fields flags and exit_code).
bool never_executed(pid_t pid, int *status) {
  char path[32], text[1024];
  unsigned flags = 0;
  *status = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  if (n <= 0) return true;
  text[n] = '\0';
  // After the command name, which may contain parentheses itself.
  const char *after = strrchr(text, ')');
  enum { PF_FORKNOEXEC = 0x40 };
  if (after != NULL && sscanf(after, ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 && !(flags & PF_FORKNOEXEC)) return false;
  // The last field.
  const char *last = strrchr(text, ' ');
  if (last != NULL) sscanf(last, " %d", status);
  return true;
}

const char *why_ended(int status) {
  static char text[80];
  char name[24];
  if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL) {
    signal_name(WTERMSIG(status), name, sizeof name);
    snprintf(text, sizeof text, "the new process was ended by %s before exec", name);
    return text;
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
    snprintf(text, sizeof text, "the new process ended before exec with exit code %d", WEXITSTATUS(status));
    return text;
  }
  return "the new process was killed before exec (is its memory limit too low?)";
}
