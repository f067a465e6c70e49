// The folders of the host that a layer over them lets its program write to.
#pragma once
#include <sys/types.h>

// A detached file system with the folders of `lower`, as far as all users may list and enter them, owned by these ids of the host: between a layer
// and `lower`, it makes the program the owner of folders, but of no file. /root, if it is closed to others, is an empty one. At most about a thousand
// folders, those nearest to the root. Returns -1 with errno.
int folders_owned(int lower, uid_t uid, gid_t gid);
