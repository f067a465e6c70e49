// The folders between a layer and what it lies over.
#pragma once
#include "covers.h"

// A detached file system to lie between a layer and `lower`, with an empty folder or file where the host has covered what is below. With `lends`
// it has the folders of `lower` that all users may list and enter, owned by these ids of the host: it makes the program the owner of folders, but of
// no file. /root, if it is closed to others, is an empty one. At most about a thousand folders, those nearest to the root. Returns -1 with errno.
int folders_between(int lower, const struct covers *covers, bool lends, uid_t uid, gid_t gid);
