// Makes overlays (the kernel's overlayfs.rst). Before Linux 6.15, their folders must be attached in the caller's mount namespace.
#define _GNU_SOURCE
#include "overlay.h"
#include "descriptor.h"
#include "mount.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int overlay_new(int middle, int lower, int layer) {
  char options[192], above[40] = "";
  int upper = path_inside(layer, "upper", LINKS_NONE), work = path_inside(layer, "work", LINKS_NONE), tree = -1;
  // By descriptor: a path could have been replaced meanwhile, and may contain characters that are syntax in options.
  if (middle >= 0) snprintf(above, sizeof above, "/proc/self/fd/%d:", middle);
  snprintf(options, sizeof options, "lowerdir=%s/proc/self/fd/%d,upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d", above, lower, upper, work);
  if (upper >= 0 && work >= 0) tree = fs_new("overlay", options, NO_SUID_OR_DEVICES);
  close_keeping_errno(upper);
  close_keeping_errno(work);
  return tree;
}

struct aside {
  int middle, lower, layer, made, error;
};

// In a temporary mount namespace, so that the attached mounts are not visible elsewhere. The overlay keeps its folders open.
static int make_aside(void *pointer) {
  struct aside *aside = pointer;
  int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  // Private first, or the mounts would appear on the host.
  bool attached = root >= 0 && tree_set(root, 0, true) && tree_attach(aside->lower, root) && tree_attach(aside->layer, root);
  if (attached && aside->middle >= 0) attached = tree_attach(aside->middle, root);
  if (attached) aside->made = overlay_new(aside->middle, aside->lower, aside->layer);
  aside->error = errno;
  if (root >= 0) close(root);
  return 0;
}

// The helper shares our descriptors and memory, and we wait for its end.
int overlay_aside(int middle, int lower, int layer) {
  static char stack[64 << 10] __attribute__((aligned(16)));
  // Cloned here, because a mount of one mount namespace cannot be cloned in another.
  struct aside aside = {.middle = middle, .lower = lower, .made = -1, .layer = tree_clone(layer, "", false)};
  if (aside.layer < 0) return -1;
  pid_t helper = clone(make_aside, stack + sizeof stack, CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWNS | SIGCHLD, &aside);
  if (helper < 0) aside.error = errno;
  if (helper >= 0) (void)TEMP_FAILURE_RETRY(waitpid(helper, NULL, 0));
  close(aside.layer);
  errno = aside.error;
  return aside.made;
}
