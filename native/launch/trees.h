// The detached mounts that a program's root is put together from. The launcher makes them, with all its privileges and on the host's
// mounts; the child, which has privileges only in its own user namespace, puts them into place.
#pragma once
#include "request.h"

enum { TREE_ROOT, TREE_PROC, TREE_SYS, TREE_SCRATCH, TREE_DEVICES, DEVICES = 6 };
enum { TREE_BINDS = TREE_DEVICES + DEVICES, TREE_GROUPS = TREE_BINDS + MAX_BINDS, TREES = TREE_GROUPS + MAX_GROUPS };

// A descriptor each, -1 where there is none.
struct trees {
  int fd[TREES];
};

// `null` to `tty`, in the order of TREE_DEVICES.
extern const char *const device_names[DEVICES];

// What could not be made; message NULL: what errno says.
struct trees_fault {
  const char *what, *message;
};

// Makes what the request wants of a root, for `child`, whose id maps stand. `note` is set to what could not be had, and is not
// needed. On failure errno is set, and what was made so far is closed.
bool trees_make(const struct request *request, pid_t child, struct trees *trees, const char **note, struct trees_fault *fault);

void trees_close(struct trees *trees);

// The byte that lets the child go on, and the trees along with it.
bool trees_send(int line, const struct trees *trees);

// Waits for that byte. False when the launcher has died.
bool trees_receive(int line, struct trees *trees);
