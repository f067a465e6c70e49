// Masks files in mounts of procfs and sysfs by covering them.
#define _GNU_SOURCE
#include "masks.h"
#include "line.h"
#include "mount.h"
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const hidden_in_proc[] = {
  "acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "sched_debug", "scsi", "sysrq-trigger", "timer_list", "timer_stats",
};
static const char *const read_only_in_proc[] = {"bus", "fs", "irq", "sys"};
static const char *const hidden_in_sys[] = {"devices/virtual/powercap", "firmware"};

// A missing file needs no mask. Any other error ends the launch.
static int find(int root, const char *path) {
  int target = path_inside(root, path, LINKS_NONE);
  if (target < 0 && errno != ENOENT) fail(STEP_VIEW, path);
  return target;
}

static void cover(int tree, int target, const char *path) {
  if (tree < 0 || !tree_attach(tree, target)) fail(STEP_VIEW, path);
  close(tree);
  close(target);
}

// Covers a file by the null device, a directory by an empty one.
static void hide(int root, const char *path, int null) {
  struct stat found;
  int target = find(root, path);
  if (target < 0) return;
  if (fstat(target, &found) < 0) fail(STEP_VIEW, path);
  bool directory = S_ISDIR(found.st_mode);
  cover(directory ? fs_new("tmpfs", "size=4k,nr_inodes=2,mode=555", NO_PROGRAMS | MOUNT_ATTR_RDONLY) : tree_clone(null, "", false), target, path);
}

void mask_proc(int proc, int null) {
  for (size_t i = 0; i < sizeof hidden_in_proc / sizeof *hidden_in_proc; i++) hide(proc, hidden_in_proc[i], null);
  for (size_t i = 0; i < sizeof read_only_in_proc / sizeof *read_only_in_proc; i++) {
    const char *path = read_only_in_proc[i];
    int target = find(proc, path);
    if (target < 0) continue;
    int tree = tree_clone(target, "", false);
    if (tree < 0 || !tree_set(tree, NO_PROGRAMS | MOUNT_ATTR_RDONLY, false)) fail(STEP_VIEW, path);
    cover(tree, target, path);
  }
}

// Only directories, so no null device is needed.
void mask_sys(int sys) {
  for (size_t i = 0; i < sizeof hidden_in_sys / sizeof *hidden_in_sys; i++) hide(sys, hidden_in_sys[i], -1);
}
