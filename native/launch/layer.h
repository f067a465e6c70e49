// The root file system of a program: a directory or the host's root, as it is or with a writable layer above.
#pragma once
#include "trees.h"

// Returns the detached root, writable as the request says and without set-user-id programs or devices; -1 with errno and `fault`.
// `binds`: what is bound in it, a descriptor each.
int root_tree(const struct request *request, pid_t child, const int *binds, const char **note, struct trees_fault *fault);
