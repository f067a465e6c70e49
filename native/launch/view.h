// Assembles the program's root and makes it `/`.
#pragma once
#include "trees.h"

// Called in the program's own mount namespace with private mounts, as root of its user namespace. Reports its steps, and returns when `/` is the
// new root and the old one is unmounted.
void view_enter(const struct request *request, const struct trees *trees);
