// Makes the detached mounts for a root, in the launcher.
#define _GNU_SOURCE
#include "trees.h"
#include "descriptor.h"
#include "groups.h"
#include "hostpath.h"
#include "layer.h"
#include "mount.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

const char *const device_names[DEVICES] = {"null", "zero", "full", "random", "urandom", "tty"};

static int set_or_close(int tree, uint64_t attributes, bool recursive) {
  if (tree < 0 || tree_set(tree, attributes, recursive)) return tree;
  close_keeping_errno(tree);
  return -1;
}

static int restricted(int at, const char *path, uint64_t attributes, bool recursive) {
  int tree = tree_clone(at, path, recursive);
  // In a user namespace, the mounts below cannot be left out (mount_namespaces(7), "Restrictions on mount namespaces").
  if (tree >= 0 || recursive || errno != EINVAL) return set_or_close(tree, attributes, recursive);
  return set_or_close(tree_clone(at, path, true), attributes, true);
}

// Checks by descriptor that it is the device, and not a file that replaced it, because null also masks files (CVE-2025-31133). Read-only, so
// that its mode cannot be changed; the device can still be written to.
static int device(size_t i) {
  static const struct { unsigned major, minor; } numbers[DEVICES] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}};
  char path[24];
  struct stat found;
  snprintf(path, sizeof path, "/dev/%s", device_names[i]);
  int tree = restricted(AT_FDCWD, path, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, false);
  if (tree < 0) return -1;
  if (fstat(tree, &found) == 0 && S_ISCHR(found.st_mode) && found.st_rdev == makedev(numbers[i].major, numbers[i].minor)) return tree;
  close(tree);
  errno = ENODEV;
  return -1;
}

// The directory of one of the program's groups, read-only.
static int group(const char *procs) {
  char dir[PATH_MAX];
  return !group_path(procs, dir) ? -1 : restricted(AT_FDCWD, dir, NO_PROGRAMS | MOUNT_ATTR_RDONLY, false);
}

static int source_of(const struct bind *bind) {
  int source = bind->links == LINKS_ALWAYS ? -1 : host_path(bind->source);
  bool again = bind->links == LINKS_ALWAYS || (bind->links == LINKS_IF_ANY && source < 0 && errno == ELOOP);
  return again ? host_path_open_to_all(bind->source) : source;
}

static int bound(const struct bind *bind) {
  int source = source_of(bind);
  if (source < 0) return -1;
  int tree = restricted(source, "", NO_SUID_OR_DEVICES | (bind->writable ? 0 : MOUNT_ATTR_RDONLY), true);
  close_keeping_errno(source);
  // Without root the kernel has locked the attribute, and keeps it.
  if (tree >= 0 && bind->executable) tree_allow_programs(tree);
  return tree;
}

// Explains errnos that the caller's message would leave unclear.
static const char *why_not(int error) {
  if (error == ELOOP) return "the path has a symbolic link";
  return error == EACCES ? "a folder in the path is not open to all users" : NULL;
}

static bool make_all(const struct request *request, pid_t child, int *fd, const char **note, struct trees_fault *fault) {
  fault->what = request->scratch;
  if (request->scratch && (fd[TREE_SCRATCH] = bound(&(struct bind){.source = request->scratch, .writable = true})) < 0) return false;
  for (size_t i = 0; i < request->bind_count; i++) {
    fault->what = request->binds[i].source;
    if ((fd[TREE_BINDS + i] = bound(&request->binds[i])) < 0) return false;
  }
  if ((fd[TREE_ROOT] = root_tree(request, child, fd + TREE_BINDS, note, fault)) < 0) return false;
  // With a pid namespace, the child mounts a new /proc.
  fault->what = "/proc";
  if (!(request->namespaces & CLONE_NEWPID) && (fd[TREE_PROC] = restricted(AT_FDCWD, "/proc", NO_PROGRAMS | MOUNT_ATTR_RDONLY, false)) < 0) {
    return false;
  }
  fault->what = "/sys";
  if ((fd[TREE_SYS] = restricted(AT_FDCWD, "/sys", NO_PROGRAMS | MOUNT_ATTR_RDONLY, false)) < 0) return false;
  for (size_t i = 0; i < DEVICES; i++) {
    fault->what = device_names[i];
    if ((fd[TREE_DEVICES + i] = device(i)) < 0) return false;
  }
  for (size_t i = 0; i < request->groups; i++) {
    fault->what = request->procs[i];
    if ((fd[TREE_GROUPS + i] = group(request->procs[i])) < 0) return false;
  }
  return true;
}

bool trees_make(const struct request *request, pid_t child, struct trees *trees, const char **note, struct trees_fault *fault) {
  memset(trees, -1, sizeof *trees);
  *fault = (struct trees_fault){"", NULL};
  if (make_all(request, child, trees->fd, note, fault)) return true;
  int error = errno;
  trees_close(trees);
  fault->message = why_not(error);
  errno = error;
  return false;
}
