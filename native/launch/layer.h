// The root file system of a program: a directory or the host's root, directly or below a writable layer.
#pragma once
#include "trees.h"

// Returns the detached root, writable if the request asks for it, with nosuid and nodev; -1 with errno and `fault`. `binds`: the descriptors of
// the binds, for which mount points are made.
int root_tree(const struct request *request, pid_t child, const int *binds, const char **note, struct trees_fault *fault);
