// Puts the program's root together and makes it `/`.
#pragma once
#include "trees.h"

// In a mount namespace of its own, whose mounts are private, as a root that its file systems know. Reports its steps; returns when
// `/` is the new root and the old one is gone.
void view_enter(const struct request *request, const struct trees *trees);
