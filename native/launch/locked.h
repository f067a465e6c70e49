// Keeps a program that may unmount from uncovering what the host has covered with mounts.
#pragma once
#include <stdbool.h>

// Makes of a detached tree one that has an empty place beneath each of its mounts (with `fresh`: also where the view gets file systems of its own,
// which then have none of the host's beneath), which nobody can unmount in any namespace; the host's mounts themselves can be unmounted as
// before. Closes the tree. -1 with errno.
int tree_locked(int tree, bool fresh);
