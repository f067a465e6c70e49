// Attaches mounts to mount points that are opened inside the new root before it becomes `/`. So no link or replaced entry, in a root that other
// programs write to, can lead a mount out of it (CVE-2025-31133, CVE-2025-52565).
#define _GNU_SOURCE
#include "view.h"
#include "descriptor.h"
#include "groups.h"
#include "line.h"
#include "masks.h"
#include "mount.h"
#include "resolving.h"
#include "values.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

// Limits on what a program may fill, which also counts as memory of its group.
enum { RUN_BYTES = 64 << 20, HOME_BYTES = 256 << 20 };
static const char DEV_OPTIONS[] = "size=64k,nr_inodes=64,mode=755";

// A file for each page, but not so many that they would be a machine's memory.
static int memory(uint64_t bytes, unsigned mode, uid_t uid, gid_t gid, uint64_t attributes) {
  char options[128];
  uint64_t files = bytes / 4096 < 1 << 20 ? bytes / 4096 + 1 : 1 << 20;
  snprintf(options, sizeof options, "size=%llu,nr_inodes=%llu,mode=%o,uid=%u,gid=%u", (unsigned long long)bytes, (unsigned long long)files, mode, uid, gid);
  return fs_new("tmpfs", options, attributes);
}

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

// In a directory root, /tmp and /run may be links: they are followed inside of it, but not to the root itself or into the kernel's files.
static void put_where_it_leads(int root, const char *path, int tree) {
  struct stat top, found;
  int target = path_make(root, path, true);
  if (target < 0 || fstat(root, &top) < 0 || fstat(target, &found) < 0) fail(STEP_VIEW, path);
  bool good = !is_kernels(target) && (found.st_dev != top.st_dev || found.st_ino != top.st_ino);
  if (!good) errno = EPERM;
  if (!good || tree < 0 || !tree_attach(tree, target)) fail(STEP_VIEW, path);
  close(target);
  close(tree);
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
  close(put(dir_in(dev, "shm", "/dev/shm"), "shm", memory(request->shm_bytes, 01777, 0, 0, NO_PROGRAMS), "/dev/shm"));
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
static bool bind_at(int root, int tree, const char *path) {
  struct stat source;
  int target = fstat(tree, &source) < 0 ? -1 : path_make(root, path, S_ISDIR(source.st_mode));
  if (target < 0) return false;
  bool kernels = is_kernels(target), attached = !kernels && tree_attach(tree, target);
  if (kernels) errno = EPERM;
  close_keeping_errno(target);
  return attached;
}

struct place {
  const char *path;
  int tree;
};

// Sorted, so that a folder is mounted before what is in it; with the same path, what the request binds comes last.
static size_t add_place(struct place *places, size_t count, const char *path, int tree) {
  size_t at = count;
  for (; at > 0 && path_order(places[at - 1].path, path) > 0; at--) places[at] = places[at - 1];
  places[at] = (struct place){path, tree};
  return count + 1;
}

static void bind_all(const struct request *request, const struct trees *trees, int root) {
  struct place places[MAX_BINDS + 2];
  size_t count = 0;
  if (request->scratch) count = add_place(places, count, "/var/tmp", trees->fd[TREE_SCRATCH]);
  int home = request->home ? memory(HOME_BYTES, 0700, request_uid(request), request_gid(request), NO_SUID_OR_DEVICES) : -1;
  if (request->home) count = add_place(places, count, request->home, home);
  for (size_t i = 0; i < request->bind_count; i++) count = add_place(places, count, request->binds[i].target, trees->fd[TREE_BINDS + i]);
  for (size_t i = 0; i < count; i++) {
    // A bind may have covered the place of the home, which is not worth the launch.
    if (!bind_at(root, places[i].tree, places[i].path) && (home < 0 || places[i].tree != home)) fail(STEP_BIND, places[i].path);
  }
  if (home >= 0) close(home);
  if (count > 0) done(STEP_BIND);
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
  put_where_it_leads(root, "/tmp", memory(request->tmp_bytes, 01777, 0, 0, NO_SUID_OR_DEVICES));
  put_where_it_leads(root, "/run", memory(RUN_BYTES, 0755, 0, 0, NO_SUID_OR_DEVICES));
  done_with_remark(STEP_VIEW, resolving_give(request, root));
  // The home of root, where it can be one; what exists stays as it is.
  if (request->root_writable || request->layer) mkdirat(root, "root", 0700);
  bind_all(request, trees, root);
  if (!root_enter(root)) fail(STEP_ROOT, "pivot_root");
  done(STEP_ROOT);
  umask(mask);
}
