// Gives a root the files with which programs find names: /etc/resolv.conf and /etc/hosts.
#pragma once
#include "request.h"

// Opens the host's files, while `/` is the host's. Both functions are called by the child.
void resolving_open(void);

// Called once the root has its own /run, and before binds, which may cover these files. What cannot be given does not end the
// launch: returns a sentence about it, or "".
const char *resolving_give(const struct request *request, int root);
