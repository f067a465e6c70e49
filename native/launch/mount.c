// Implements mount.h by direct system calls, for which glibc has functions only since 2.36.
#define _GNU_SOURCE
#include "mount.h"
#include "descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
// Defined here, because sys/mount.h conflicts with linux/mount.h.
enum { DETACH = 2, NO_FOLLOW = 8 };

int tree_clone(int at, const char *path, bool recursive) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? (unsigned)AT_RECURSIVE : 0);
  return (int)syscall(SYS_open_tree, at, path, flags);
}

bool tree_set(int tree, uint64_t attributes, bool recursive) {
  // The kernel's MS_PRIVATE: later mounts of the host do not appear in it, nor its mounts on the host.
  struct mount_attr set = {.attr_set = attributes, .propagation = UINT64_C(1) << 18};
  return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH | (recursive ? (unsigned)AT_RECURSIVE : 0), &set, sizeof set) == 0;
}

bool tree_map_ids(int tree, int user_namespace) {
  struct mount_attr map = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)user_namespace};
  return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &map, sizeof map) == 0;
}

void tree_allow_programs(int tree) {
  struct mount_attr set = {.attr_clr = MOUNT_ATTR_NOEXEC};
  syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &set, sizeof set);
}

bool tree_attach(int tree, int target) {
  return syscall(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0;
}

bool uncover(int dir, const char *name) {
  if (fchdir(dir) < 0) return false;
  while (syscall(SYS_umount2, name, DETACH | NO_FOLLOW) == 0) {}
  // EINVAL: nothing more is mounted there.
  return errno == EINVAL || errno == ENOENT;
}

static bool configure(int context, const char *options) {
  char copy[256];
  if (strlen(options) >= sizeof copy) {
    errno = E2BIG;
    return false;
  }
  strcpy(copy, options);
  char *rest = copy;
  for (char *key = strsep(&rest, ","); key != NULL; key = strsep(&rest, ",")) {
    char *value = strchr(key, '=');
    if (value == NULL) continue;
    *value++ = '\0';
    if (syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, value, 0) < 0) return false;
  }
  return syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0;
}

int fs_new(const char *type, const char *options, uint64_t attributes) {
  int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int tree = configure(context, options) ? (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, attributes) : -1;
  close_keeping_errno(context);
  return tree;
}

int path_inside(int root, const char *path, enum links links) {
  struct open_how how = {
    .flags = O_PATH | O_CLOEXEC,
    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | (links == LINKS_NONE ? RESOLVE_NO_SYMLINKS : 0),
  };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// Makes one name in an open directory, so that no path component can be replaced meanwhile.
static bool make_one(int parent, const char *name, bool directory) {
  if (directory) return mkdirat(parent, name, 0755) == 0 || errno == EEXIST;
  int file = openat(parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (file >= 0) close(file);
  return file >= 0 || errno == EEXIST;
}

int path_make(int root, const char *path, bool directory) {
  char so_far[PATH_MAX];
  if (strlen(path) >= sizeof so_far) {
    errno = ENAMETOOLONG;
    return -1;
  }
  int found = path_inside(root, path, LINKS_INSIDE);
  if (found >= 0 || errno != ENOENT) return found;
  strcpy(so_far, path);
  int parent = path_inside(root, "/", LINKS_NONE);
  for (char *name = so_far + strspn(so_far, "/"); parent >= 0 && *name != '\0'; ) {
    size_t length = strcspn(name, "/"), gap = strspn(name + length, "/");
    bool last = name[length + gap] == '\0';
    char after = name[length];
    name[length] = '\0';
    // From the root each time, so that links lead to the same places as for the program.
    int next = path_inside(root, so_far, LINKS_INSIDE);
    if (next < 0 && errno == ENOENT && make_one(parent, name, directory || !last)) next = path_inside(root, so_far, LINKS_INSIDE);
    close_keeping_errno(parent);
    parent = next;
    name[length] = after;
    name += length + gap;
  }
  return parent;
}

bool is_kernels(int fd) {
  static const long kinds[] = {PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, DEVPTS_SUPER_MAGIC};
  struct statfs fs;
  if (fstatfs(fd, &fs) < 0) return true;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (fs.f_type == kinds[i]) return true;
  }
  return false;
}

bool root_enter(int root) {
  char here[PATH_MAX];
  // Both arguments are the same directory: the old root ends up below the new one, as "." (pivot_root(2)).
  if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0) return false;
  if (syscall(SYS_umount2, ".", DETACH) < 0 || chdir("/") < 0) return false;
  // A path "(unreachable)…" would mean a directory outside (CVE-2024-21626).
  if (syscall(SYS_getcwd, here, sizeof here) < 0) return false;
  errno = EXDEV;
  return strcmp(here, "/") == 0;
}
