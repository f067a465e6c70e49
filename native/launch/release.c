// Compares the mounts of the host and of the program's root (proc_pid_mountinfo(5)): by device and place, as numbers, so that little memory is kept.
#define _GNU_SOURCE
#include "release.h"
#include "clock.h"
#include "descriptor.h"
#include "mounts.h"
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// More mounts of the host than these are not followed.
enum { MOUNTS_MAX = 2048 };
// Many mounts may come and go at once, where containers start and end.
enum { PAUSE_MS = 100, AT_ONCE_MAX = 64, ROUNDS_MAX = MOUNTS_MAX / AT_ONCE_MAX };

static uint64_t noted[MOUNTS_MAX];
static size_t noted_count;
// The directory root on the host, escaped as in mountinfo; "" for a view.
static char above[PATH_MAX];
static pid_t program;
static int host = -1, namespace = -1;
static int64_t resume_ms;

// FNV-1a.
static uint64_t mixed(uint64_t sum, const char *text) {
  for (; *text != '\0'; text++) sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
  return sum;
}

static uint64_t number_of(const struct mount_line *line, const char *prefix) {
  uint64_t device = (uint64_t)line->major << 32 | line->minor;
  return mixed(mixed(UINT64_C(0xcbf29ce484222325) ^ device * UINT64_C(0x9e3779b97f4a7c15), prefix), line->path);
}

struct numbers {
  uint64_t *number;
  size_t count;
};

static void add(const struct mount_line *line, void *more) {
  struct numbers *numbers = more;
  if (numbers->count < MOUNTS_MAX) numbers->number[numbers->count++] = number_of(line, "");
}

static bool has(const uint64_t *number, size_t count, uint64_t one) {
  for (size_t i = 0; i < count; i++) {
    if (number[i] == one) return true;
  }
  return false;
}

void release_note(const struct request *request) {
  struct numbers numbers = {.number = noted};
  size_t at = 0;
  for (const char *byte = request->rootfs ? request->rootfs : ""; *byte != '\0' && at < sizeof above - 5; byte++) {
    if (strchr(" \t\n\\", *byte) != NULL) at += (size_t)snprintf(above + at, 5, "\\%03o", *byte);
    else above[at++] = *byte;
  }
  while (at > 0 && above[at - 1] == '/') at--;
  above[at] = '\0';
  // Opened first: what the host unmounts from here on is found by the first poll.
  host = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
  if (host >= 0 && mounts_each("/proc/self/mountinfo", add, &numbers)) noted_count = numbers.count;
}

struct search {
  const uint64_t *present;
  size_t present_count;
  // What is mounted in the root and no longer on the host, in the order of mounting; how many the root has of the host's.
  struct { int id; char *path; } gone[AT_ONCE_MAX];
  size_t count, followed, unmounted;
};

// The root itself and what a launch has mounted new are not among the host's at the same place.
static void compare(const struct mount_line *line, void *more) {
  struct search *search = more;
  uint64_t number = number_of(line, above);
  if (strcmp(line->path, "/") == 0 || !has(noted, noted_count, number)) return;
  search->followed++;
  if (has(search->present, search->present_count, number) || search->count == sizeof search->gone / sizeof *search->gone) return;
  char *path = strdup(line->path);
  if (path == NULL) return;
  search->gone[search->count].id = line->id;
  search->gone[search->count++].path = path;
}

static int open_at(int dir, const char *path, uint64_t resolve) {
  struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC, .resolve = resolve};
  return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

// The program may have changed what is at the path: nothing but the mount of that number is unmounted. Its folder is where a name without links
// leads to, and a mount point cannot be renamed.
static bool unmount(int id, char *path) {
  struct statx found;
  mounts_unescape(path);
  char *name = strrchr(path, '/');
  *name++ = '\0';
  int folder = open_at(AT_FDCWD, path[0] == '\0' ? "/" : path, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
  int mount = folder < 0 ? -1 : open_at(folder, name, RESOLVE_NO_SYMLINKS);
  bool same = mount >= 0 && syscall(SYS_statx, mount, "", AT_EMPTY_PATH, STATX_MNT_ID, &found) == 0 &&
    (found.stx_mask & STATX_MNT_ID) && found.stx_mnt_id == (uint64_t)id;
  if (mount >= 0) close(mount);
  // What the program has open there stays until it closes it.
  bool done = same && fchdir(folder) == 0 && umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW) == 0;
  if (folder >= 0) close(folder);
  return done;
}

// In a process of its own, because the monitor stays where it is. Newest first: what is mounted on a mount goes before it.
static int unmount_inside(void *pointer) {
  struct search *search = pointer;
  if (setns(namespace, CLONE_NEWNS) < 0) return 1;
  for (size_t i = search->count; i > 0; i--) search->unmounted += unmount(search->gone[i - 1].id, search->gone[i - 1].path);
  return 0;
}

// Unmounts once what is gone; returns whether there may be more. Sets `follow` to whether the root still has mounts of the host.
static bool round_done(bool *follow) {
  static char stack[64 << 10] __attribute__((aligned(16)));
  uint64_t *present = calloc(MOUNTS_MAX, sizeof *present);
  struct numbers numbers = {.number = present};
  struct search search = {.present = present};
  char file[40];
  snprintf(file, sizeof file, "/proc/%d/mountinfo", program);
  bool read = present != NULL && mounts_each("/proc/self/mountinfo", add, &numbers);
  search.present_count = numbers.count;
  // Of more mounts than are read, nothing is known to be gone.
  bool known = read && numbers.count < MOUNTS_MAX && mounts_each(file, compare, &search);
  if (known && search.count > 0) {
    pid_t helper = clone(unmount_inside, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &search);
    if (helper > 0) (void)TEMP_FAILURE_RETRY(waitpid(helper, NULL, 0));
  }
  for (size_t i = 0; i < search.count; i++) free(search.gone[i].path);
  free(present);
  *follow = known && search.followed > search.count;
  return search.unmounted > 0;
}

// Again after each success: a bind at the host's own place covers an older mount, which can be unmounted only then. A program that mounts the
// same again and again does not keep the monitor here.
static void check(void) {
  bool follow = false;
  for (int i = 0; i < ROUNDS_MAX && round_done(&follow); i++) {}
  if (follow) return;
  if (host >= 0) close(host);
  host = -1;
}

void release_begin(pid_t child) {
  char path[40];
  program = child;
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", child);
  if (noted_count > 0) namespace = open(path, O_RDONLY | O_CLOEXEC);
  if (namespace >= 0 || host < 0) return;
  close(host);
  host = -1;
}

int release_fd(void) { return resume_ms != 0 ? -1 : host; }

int release_timeout_ms(void) {
  if (host < 0 || resume_ms == 0) return -1;
  int64_t left = resume_ms - now_ms();
  if (left <= 0) resume_ms = 0;
  return left > 0 ? (int)left : 0;
}

void release_handle(void) {
  check();
  resume_ms = now_ms() + PAUSE_MS;
}
