// Makes the root: opens the directory, makes missing mount points, maps owners, and mounts the layer over it.
#define _GNU_SOURCE
#include "layer.h"
#include "covers.h"
#include "descriptor.h"
#include "folders.h"
#include "hostpath.h"
#include "locked.h"
#include "mount.h"
#include "overlay.h"
#include "rootless.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char owners_note[] = "the file system does not support idmapped mounts: files of the root directory belong to the overflow user inside";

static uid_t outside_uid(const struct request *request) {
  return request->namespaces & CLONE_NEWUSER ? map_outside(&request->uid_maps, 0) : request->uid;
}

static gid_t outside_gid(const struct request *request) {
  return request->namespaces & CLONE_NEWUSER ? map_outside(&request->gid_maps, 0) : request->gid;
}

// Refuses the host's own root, for which there is `view`.
static int open_directory(const char *path) {
  struct stat found, host;
  int dir = host_directory(path);
  if (dir < 0 || fstat(dir, &found) < 0 || stat("/", &host) < 0) return -1;
  bool is_host = found.st_dev == host.st_dev && found.st_ino == host.st_ino;
  if (!is_host) return dir;
  close(dir);
  errno = EINVAL;
  return -1;
}

// In a directory root, files have the same owner inside as on disk. Never in the host's root, where root inside would own /etc/shadow.
static bool maps_owners(const struct request *request) { return request->rootfs && (request->namespaces & CLONE_NEWUSER); }

static void map_owners(const struct request *request, pid_t child, int tree, const char **note) {
  char path[40];
  if (!maps_owners(request)) return;
  snprintf(path, sizeof path, "/proc/%d/ns/user", child);
  int user = open(path, O_RDONLY | O_CLOEXEC);
  if (user < 0 || !tree_map_ids(tree, user)) *note = owners_note;
  close_keeping_errno(user);
}

// Makes missing mount points before the root becomes read-only. One that cannot be made is reported when something is mounted on it.
static void make_mount_points(const struct request *request, const int *binds, int root) {
  static const char *const fixed[] = {"/proc", "/sys", "/dev", "/tmp", "/run"};
  for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) close(path_make(root, fixed[i], true));
  if (request->scratch) close(path_make(root, "/var/tmp", true));
  for (size_t i = 0; i < request->bind_count; i++) {
    struct stat source;
    bool directory = fstat(binds[i], &source) < 0 || S_ISDIR(source.st_mode);
    close(path_make(root, request->binds[i].target, directory));
  }
}

// Without root the kernel has locked the host's mounts.
static bool may_unmount(const struct request *request) {
  return request->namespaces & CLONE_NEWUSER && request->kept & UINT64_C(1) << CAP_SYS_ADMIN && !rootless_keeps_groups();
}

static int plain_root(const struct request *request, pid_t child, const int *binds, int dir, const char **note) {
  int tree = tree_clone(dir, "", true);
  if (tree < 0) return -1;
  if (request->rootfs) {
    make_mount_points(request, binds, tree);
    map_owners(request, child, tree, note);
  }
  if (tree_set(tree, NO_SUID_OR_DEVICES | (request->root_writable ? 0 : MOUNT_ATTR_RDONLY), true)) {
    return may_unmount(request) ? tree_locked(tree, request->view_host) : tree;
  }
  close_keeping_errno(tree);
  return -1;
}

// Over the host's root the program owns folders, so that it may make files anywhere, but no file: root's files stay closed to it.
static int overlay_over(const struct request *request, const struct covers *covers, int lower, int layer) {
  bool plain = !request->view_host && covers->count == 0;
  int middle = plain ? -1 : folders_between(lower, covers, request->view_host, outside_uid(request), outside_gid(request));
  if (middle < 0 && !plain) return -1;
  int root = overlay_new(middle, lower, layer);
  if (root < 0) root = overlay_aside(middle, lower, layer);
  close_keeping_errno(middle);
  return root;
}

// Over a copy of the root with mapped owners, or the root itself where that is unsupported. Files in the layer have the program's host ids,
// so the layer itself needs no mapping, which the kernel would not support here.
static int overlay_on(const struct request *request, pid_t child, int dir, int layer, const char **note) {
  struct covers covers;
  int root = -1, lower = covers_find(dir, &covers) ? tree_clone(dir, "", false) : -1;
  if (lower >= 0) {
    map_owners(request, child, lower, note);
    root = overlay_over(request, &covers, lower, layer);
    close_keeping_errno(lower);
  }
  if (root < 0 && lower >= 0 && maps_owners(request) && *note == NULL) {
    *note = owners_note;
    lower = tree_clone(dir, "", false);
    if (lower >= 0) root = overlay_over(request, &covers, lower, layer);
    close_keeping_errno(lower);
  }
  int error = errno;
  covers_free(&covers);
  errno = error;
  return root;
}

// If the kernel cannot write to the layer, it mounts the overlay read-only without an error.
static bool is_writable(int root) {
  struct statvfs fs;
  bool writable = fstatvfs(root, &fs) == 0 && !(fs.f_flag & ST_RDONLY);
  errno = EROFS;
  return writable;
}

// `upper` becomes `/`, so it is given to the program's root user.
static int layered_root(const struct request *request, pid_t child, int dir, const char **note) {
  int layer = open_directory(request->layer), root = -1;
  if (layer < 0) return -1;
  int upper = path_inside(layer, "upper", LINKS_NONE);
  bool user = request->namespaces & CLONE_NEWUSER;
  bool owned = upper >= 0 &&
    (!user || fchownat(upper, "", outside_uid(request), outside_gid(request), AT_EMPTY_PATH) == 0);
  if (owned) root = overlay_on(request, child, dir, layer, note);
  if (root >= 0 && !is_writable(root)) {
    close_keeping_errno(root);
    root = -1;
  }
  close_keeping_errno(upper);
  close_keeping_errno(layer);
  return root;
}

int root_tree(const struct request *request, pid_t child, const int *binds, const char **note, struct trees_fault *fault) {
  fault->what = request->view_host ? "/" : request->rootfs;
  int dir = request->view_host ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : open_directory(request->rootfs);
  if (dir < 0) return -1;
  if (request->layer) fault->what = request->layer;
  int root = request->layer ? layered_root(request, child, dir, note) : plain_root(request, child, binds, dir, note);
  close_keeping_errno(dir);
  return root;
}
