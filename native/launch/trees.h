// The detached mounts that form a program's root. The launcher makes them with its privileges on the host; the child, which has privileges
// only in its user namespace, attaches them.
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

// What could not be made; message NULL: errno explains it.
struct trees_fault {
  const char *what, *message;
};

// Makes the mounts of the request's root for `child`, whose id maps must be written. `note` is set to what is missing but not necessary. On
// failure errno is set, and all mounts are closed.
bool trees_make(const struct request *request, pid_t child, struct trees *trees, const char **note, struct trees_fault *fault);

void trees_close(struct trees *trees);

// Sends the message that releases the child, with the trees.
bool trees_send(int line, const struct trees *trees);

// Waits for that message. False if the launcher has died.
bool trees_receive(int line, struct trees *trees);
