// Moves processes by writing to cgroup.procs, the only system file that the launcher changes besides /proc.
#define _GNU_SOURCE
#include "groups.h"
#include "descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool is_procs_file(int file, const char *path) {
  struct statfs fs;
  if (fstatfs(file, &fs) < 0 || (fs.f_type != CGROUP_SUPER_MAGIC && fs.f_type != CGROUP2_SUPER_MAGIC)) return false;
  return strcmp(strrchr(path, '/'), "/cgroup.procs") == 0;
}

bool group_join(const char *procs, pid_t pid, const char **message) {
  int file = open(procs, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return false;
  char text[24];
  int length = snprintf(text, sizeof text, "%d", pid);
  // The launcher is root and the path is the caller's, so any other file must stay unchanged.
  bool valid = is_procs_file(file, procs);
  bool moved = valid && write(file, text, (size_t)length) == length;
  close_keeping_errno(file);
  if (valid) return moved;
  *message = "not the cgroup.procs file of a group";
  errno = EINVAL;
  return false;
}

bool group_path(const char *procs, char path[PATH_MAX]) {
  size_t length = strlen(procs), name = strlen("/cgroup.procs");
  errno = length < name ? EINVAL : ENAMETOOLONG;
  if (length < name || length - name >= PATH_MAX) return false;
  memcpy(path, procs, length - name);
  path[length - name] = '\0';
  return true;
}

int group_directory(const char *procs) {
  char path[PATH_MAX];
  struct statfs fs;
  if (!group_path(procs, path)) return -1;
  int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (dir < 0) return -1;
  if (fstatfs(dir, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC) return dir;
  close(dir);
  return -1;
}

// Shortens a group's directory to the root of its hierarchy, which is the highest directory on the same file system.
static void cut_to_root(char *dir) {
  struct stat here, above;
  if (stat(dir, &here) < 0) return;
  for (char *slash = strrchr(dir, '/'); slash != NULL && slash != dir; slash = strrchr(dir, '/')) {
    *slash = '\0';
    if (stat(dir, &above) == 0 && above.st_dev == here.st_dev) continue;
    *slash = '/';
    return;
  }
}

// A killed task in a frozen v1 group ends only once it is thawed. Moving it to the root group, which is never frozen, thaws it.
void group_leave(const char *procs, pid_t pid) {
  char path[PATH_MAX + sizeof "/cgroup.procs"];
  const char *ignored;
  if (!group_path(procs, path)) return;
  cut_to_root(path);
  strcat(path, "/cgroup.procs");
  group_join(path, pid, &ignored);
}

bool group_hierarchy(const char *procs, char *name, size_t size) {
  static const char base[] = "/sys/fs/cgroup";
  char path[PATH_MAX];
  if (!group_path(procs, path)) return false;
  cut_to_root(path);
  if (strncmp(path, base, sizeof base - 1) != 0) return false;
  const char *rest = path + sizeof base - 1;
  if (rest[0] != '\0' && (rest[0] != '/' || strchr(rest + 1, '/') != NULL || strlen(rest) > size)) return false;
  strcpy(name, rest[0] == '\0' ? rest : rest + 1);
  return true;
}
