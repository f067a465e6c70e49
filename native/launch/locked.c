// The kernel locks together the mounts that a mount namespace of a lesser user namespace has copied (mount_namespaces(7), "Restrictions on mount
// namespaces"), and copies of those stay locked wherever they are attached. So each mount of the tree is copied alone, empty places are attached
// where others are mounted on it, and this is copied in such a namespace; then the mounts are attached to each other over the empty places.
#define _GNU_SOURCE
#include "locked.h"
#include "descriptor.h"
#include "mount.h"
#include "mounts.h"
#include "values.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST = 4096 };
// Where the tree and the copies are attached in the namespace of the process that makes them: directories that every machine has, and over which
// nothing of ours is needed.
#define TREE "/sys"
#define STAGE "/dev"

// A mount of the tree that can be reached by its path, which begins with a slash; "" for the root.
struct part {
  char *path;
  bool directory;
};

static struct part *parts;
static size_t count;

// Shared with the processes that make it: the copy of each part, at last the whole, and what failed.
struct result {
  int tree[MOST], whole, error;
};

static const char *const fresh_places[] = {"/proc", "/sys", "/dev", "/tmp", "/run"};

static bool is_below(const char *path, const char *above) {
  size_t length = strlen(above);
  return strncmp(path, above, length) == 0 && path[length] == '/';
}

static bool is_fresh(const char *path) {
  for (size_t i = 0; i < sizeof fresh_places / sizeof *fresh_places; i++) {
    if (strcmp(path, fresh_places[i]) == 0 || is_below(path, fresh_places[i])) return true;
  }
  return false;
}

// Others are mounted over it, or over a folder above, if its path leads to another mount.
static void add(const struct mount_line *line, void *more) {
  struct statx found;
  struct stat top;
  mounts_unescape(line->path);
  if (strcmp(line->path, TREE) != 0 && !is_below(line->path, TREE)) return;
  int at = open(line->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  bool visible = at >= 0 && syscall(SYS_statx, at, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &found) == 0 &&
    found.stx_mask & STATX_MNT_ID && found.stx_mnt_id == (uint64_t)line->id && fstat(at, &top) == 0;
  if (at >= 0) close(at);
  if (!visible) return;
  char *path = count < MOST ? strdup(line->path + strlen(TREE)) : NULL;
  if (path == NULL) *(int *)more = count < MOST ? ENOMEM : E2BIG;
  else parts[count++] = (struct part){path, S_ISDIR(top.st_mode)};
}

static int in_order(const void *one, const void *other) {
  return path_order(((const struct part *)one)->path, ((const struct part *)other)->path);
}

static _Noreturn void give_up(struct result *result) {
  result->error = errno == 0 ? EINVAL : errno;
  _exit(1);
}

static void must(struct result *result, bool good) {
  if (!good) give_up(result);
}

static int opened(struct result *result, int fd) {
  must(result, fd >= 0);
  return fd;
}

static void attach(struct result *result, int tree, const char *path) {
  int target = opened(result, open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  must(result, tree >= 0 && tree_attach(tree, target));
  close(target);
}

static const char *stage_of(size_t i, char path[32]) {
  snprintf(path, 32, STAGE "/%zu", i);
  return path;
}

// An empty folder or file over the path in the copy of a part, unless there is none any more.
static void cover(struct result *result, int copy, const char *path) {
  struct stat found;
  int target = path_inside(copy, path, LINKS_NONE);
  if (target < 0 && (errno == ENOENT || errno == ELOOP || errno == ENOTDIR)) return;
  must(result, fstat(opened(result, target), &found) == 0);
  int empty = opened(result, tree_clone(AT_FDCWD, S_ISDIR(found.st_mode) ? STAGE "/folder" : STAGE "/file", false));
  must(result, tree_attach(empty, target));
  close(empty);
  close(target);
}

// The parts come in the order of their paths: a part is mounted on the nearest one above it.
static bool is_on(size_t i, size_t above) {
  for (size_t other = i; other-- > 0; ) {
    if (is_below(parts[i].path, parts[other].path)) return other == above;
  }
  return false;
}

static void copy_alone(struct result *result, size_t i, bool fresh) {
  char path[PATH_MAX], stage[32];
  stage_of(i, stage);
  int file = parts[i].directory ? mkdir(stage, 0700) : mknod(stage, S_IFREG | 0600, 0);
  snprintf(path, sizeof path, TREE "%s", parts[i].path);
  int copy = opened(result, file < 0 ? -1 : tree_clone(AT_FDCWD, path, false));
  attach(result, copy, stage);
  for (size_t k = 0; i == 0 && fresh && k < sizeof fresh_places / sizeof *fresh_places; k++) cover(result, copy, fresh_places[k]);
  for (size_t k = i + 1; k < count; k++) {
    if (is_on(k, i) && !(fresh && is_fresh(parts[k].path))) cover(result, copy, parts[k].path + strlen(parts[i].path));
  }
  close(copy);
}

static bool wait_for(long pid) {
  int status;
  while (waitpid((pid_t)pid, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  errno = 0;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A copy of this process that shares its descriptors.
static long split(void) {
  long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, 0);
  if (pid == 0) prctl(PR_SET_PDEATHSIG, SIGKILL);
  return pid;
}

static _Noreturn void lock_all(struct result *result) {
  char stage[32];
  must(result, unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
  for (size_t i = 0; i < count; i++) result->tree[i] = opened(result, tree_clone(AT_FDCWD, stage_of(i, stage), true));
  _exit(0);
}

static _Noreturn void make(struct result *result, int tree, bool fresh) {
  int error = 0;
  must(result, unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
  attach(result, tree, TREE);
  parts = calloc(MOST, sizeof *parts);
  must(result, parts != NULL && mounts_each("/proc/self/mountinfo", add, &error));
  errno = error;
  must(result, error == 0 && count > 0);
  qsort(parts, count, sizeof *parts, in_order);
  int stage = fs_new("tmpfs", "size=1m,mode=700", NO_PROGRAMS);
  attach(result, stage, STAGE);
  must(result, mkdirat(stage, "folder", 0755) == 0 && mkdirat(stage, "whole", 0755) == 0 && mknodat(stage, "file", S_IFREG | 0644, 0) == 0);
  close(stage);
  for (size_t i = 0; i < count; i++) copy_alone(result, i, fresh);
  long other = split();
  if (other == 0) lock_all(result);
  must(result, other > 0 && wait_for(other));
  attach(result, result->tree[0], STAGE "/whole");
  for (size_t i = 1; i < count; i++) {
    if (fresh && is_fresh(parts[i].path)) continue;
    int place = opened(result, path_inside(result->tree[0], parts[i].path, LINKS_NONE));
    must(result, tree_attach(result->tree[i], place));
    close(place);
  }
  result->whole = opened(result, tree_clone(result->tree[0], "", true));
  _exit(0);
}

int tree_locked(int tree, bool fresh) {
  struct result *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (result == MAP_FAILED) return -1;
  memset(result, -1, sizeof *result);
  result->error = EINVAL;
  long pid = split();
  if (pid == 0) make(result, tree, fresh);
  bool good = pid > 0 && wait_for(pid);
  int whole = good ? result->whole : -1, error = result->error;
  for (size_t i = 0; i < MOST && result->tree[i] >= 0; i++) close(result->tree[i]);
  munmap(result, sizeof *result);
  close(tree);
  errno = error;
  return whole;
}
