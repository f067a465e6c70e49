// Attaches mounts to mount points that are opened inside the new root before it becomes `/`. So no link or replaced entry, in a root that other
// programs write to, can lead a mount out of it (CVE-2025-31133, CVE-2025-52565).
#define _GNU_SOURCE
#include "view.h"
#include "groups.h"
#include "line.h"
#include "masks.h"
#include "mount.h"
#include "resolving.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

// Limits on what a program may fill, which also counts as memory of its group.
static const char TMP_OPTIONS[] = "size=256m,nr_inodes=65536,mode=1777";
static const char RUN_OPTIONS[] = "size=64m,nr_inodes=16384,mode=755";
static const char SHM_OPTIONS[] = "size=64m,nr_inodes=16384,mode=1777";
static const char DEV_OPTIONS[] = "size=64k,nr_inodes=64,mode=755";

// Attaches the tree at a path without links. `tree` stays open and then refers to the attached mount.
static int put(int root, const char *path, int tree, const char *shown) {
  int target = tree < 0 ? -1 : path_inside(root, path, LINKS_NONE);
  if (target < 0 || !tree_attach(tree, target)) fail(STEP_VIEW, shown);
  close(target);
  return tree;
}

// Like put, at the top of the root. Makes the mount point if it is missing and the root is writable. A link there is refused.
static int put_on_top(int root, const char *name, int tree, const char *shown) {
  if (mkdirat(root, name, 0755) < 0 && errno != EEXIST && errno != EROFS) fail(STEP_VIEW, shown);
  return put(root, name, tree, shown);
}

static int dir_in(int dir, const char *name, const char *shown) {
  if (mkdirat(dir, name, 0755) < 0) fail(STEP_VIEW, shown);
  return dir;
}

// Returns the null device, for the masks.
static int build_dev(const struct request *request, const struct trees *trees, int root) {
  static const struct { const char *name, *target; } links[] = {
    {"ptmx", "pts/ptmx"}, {"fd", "/proc/self/fd"}, {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
  };
  int dev = put_on_top(root, "dev", fs_new("tmpfs", DEV_OPTIONS, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), "/dev");
  for (size_t i = 0; i < DEVICES; i++) {
    int file = openat(dev, device_names[i], O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0444);
    if (file < 0) fail(STEP_VIEW, device_names[i]);
    close(file);
    put(dev, device_names[i], trees->fd[TREE_DEVICES + i], device_names[i]);
  }
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
    if (symlinkat(links[i].target, dev, links[i].name) < 0) fail(STEP_VIEW, links[i].name);
  }
  // A new devpts; group 5 is `tty` on all distributions, but the ids may not map it.
  int pts = fs_new("devpts", "mode=620,ptmxmode=666,gid=5", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  if (pts < 0) pts = fs_new("devpts", "mode=620,ptmxmode=666", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
  close(put(dir_in(dev, "pts", "/dev/pts"), "pts", pts, "/dev/pts"));
  close(put(dir_in(dev, "shm", "/dev/shm"), "shm", fs_new("tmpfs", SHM_OPTIONS, NO_PROGRAMS), "/dev/shm"));
  if (request->namespaces & CLONE_NEWIPC) {
    close(put(dir_in(dev, "mqueue", "/dev/mqueue"), "mqueue", fs_new("mqueue", "", NO_PROGRAMS), "/dev/mqueue"));
  }
  if (!tree_set(dev, MOUNT_ATTR_RDONLY, false)) fail(STEP_VIEW, "/dev");
  close(dev);
  return trees->fd[TREE_DEVICES];
}

static void build_proc(const struct request *request, const struct trees *trees, int root, int null) {
  bool own = request->namespaces & CLONE_NEWPID;
  int proc = put_on_top(root, "proc", own ? fs_new("proc", "", NO_PROGRAMS) : trees->fd[TREE_PROC], "/proc");
  mask_proc(proc, null);
  close(proc);
  done_with_remark(STEP_PROC, own ? "" : "the host's, read-only, as there is no pid namespace");
}

// Shows the program's groups, each at the host's path of its hierarchy.
static void build_groups(const struct request *request, const struct trees *trees, int sys) {
  int base = -1;
  for (size_t i = 0; i < request->groups; i++) {
    char name[NAME_MAX + 1];
    if (!group_hierarchy(request->procs[i], name, sizeof name)) continue;
    // A single hierarchy is mounted at /sys/fs/cgroup itself.
    if (name[0] == '\0') {
      close(put(sys, "fs/cgroup", trees->fd[TREE_GROUPS + i], "/sys/fs/cgroup"));
      return;
    }
    if (base < 0) base = put(sys, "fs/cgroup", fs_new("tmpfs", "size=64k,nr_inodes=256,mode=755", NO_PROGRAMS), "/sys/fs/cgroup");
    if (mkdirat(base, name, 0555) < 0) fail(STEP_VIEW, request->procs[i]);
    close(put(base, name, trees->fd[TREE_GROUPS + i], request->procs[i]));
  }
  if (base < 0) return;
  if (!tree_set(base, MOUNT_ATTR_RDONLY, false)) fail(STEP_VIEW, "/sys/fs/cgroup");
  close(base);
}

static void build_sys(const struct request *request, const struct trees *trees, int root) {
  // A sysfs shows the network devices of the namespace in which it was mounted.
  int sys = request->namespaces & CLONE_NEWNET ? fs_new("sysfs", "", NO_PROGRAMS | MOUNT_ATTR_RDONLY) : -1;
  put_on_top(root, "sys", sys >= 0 ? sys : trees->fd[TREE_SYS], "/sys");
  if (sys < 0) sys = trees->fd[TREE_SYS];
  mask_sys(sys);
  build_groups(request, trees, sys);
  close(sys);
}

// No bind may be in /proc, /sys or a group, where it could cover or replace masks (CVE-2025-52881).
static void bind_at(int root, int tree, const char *path) {
  struct stat source;
  if (fstat(tree, &source) < 0) fail(STEP_BIND, path);
  int target = path_make(root, path, S_ISDIR(source.st_mode));
  if (target < 0) fail(STEP_BIND, path);
  errno = EPERM;
  if (is_kernels(target) || !tree_attach(tree, target)) fail(STEP_BIND, path);
  close(target);
}

void view_enter(const struct request *request, const struct trees *trees) {
  static const char *const fresh[] = {"proc", "sys", "dev", "tmp", "run"};
  int root = trees->fd[TREE_ROOT];
  // So that modes below are used unchanged.
  mode_t mask = umask(0);
  resolving_open();
  int above = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (above < 0 || !tree_attach(root, above)) fail(STEP_VIEW, "/");
  // Otherwise a program that may unmount could uncover the host's mounts there.
  for (size_t i = 0; i < sizeof fresh / sizeof *fresh; i++) {
    if (!uncover(root, fresh[i])) fail(STEP_VIEW, fresh[i]);
  }
  int null = build_dev(request, trees, root);
  build_proc(request, trees, root, null);
  build_sys(request, trees, root);
  close(put_on_top(root, "tmp", fs_new("tmpfs", TMP_OPTIONS, NO_SUID_OR_DEVICES), "/tmp"));
  close(put_on_top(root, "run", fs_new("tmpfs", RUN_OPTIONS, NO_SUID_OR_DEVICES), "/run"));
  done_with_remark(STEP_VIEW, resolving_give(request, root));
  if (request->scratch) bind_at(root, trees->fd[TREE_SCRATCH], "/var/tmp");
  for (size_t i = 0; i < request->bind_count; i++) bind_at(root, trees->fd[TREE_BINDS + i], request->binds[i].target);
  if (request->bind_count > 0 || request->scratch) done(STEP_BIND);
  if (!root_enter(root)) fail(STEP_ROOT, "pivot_root");
  done(STEP_ROOT);
  umask(mask);
}
