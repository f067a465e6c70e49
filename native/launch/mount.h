// Mounts by descriptor (the calls of Linux 5.2 and later): a mount is made detached, and put onto a descriptor. No path is looked up
// twice, so nothing can be exchanged in between. Every function returns a descriptor or true; on failure -1 or false, with errno.
#pragma once
#include <linux/mount.h>
#include <stdbool.h>
#include <stdint.h>

enum { NO_SUID_OR_DEVICES = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, NO_PROGRAMS = NO_SUID_OR_DEVICES | MOUNT_ATTR_NOEXEC };

// A detached copy of the mount at `path` below `at` (the mount of `at` itself where it is ""), with the mounts below it or without.
int tree_clone(int at, const char *path, bool recursive);

// Sets attributes of a detached tree (and of all below it), and makes it private: what is mounted in it stays in it.
bool tree_set(int tree, uint64_t attributes, bool recursive);

// Lets the owners of a tree's files appear as the user namespace maps them: root's files belong to the namespace's root. Not every
// file system can do that.
bool tree_map_ids(int tree, int user_namespace);

bool tree_attach(int tree, int target);

// Takes away what is mounted at `name` in the directory, as often as something is. It changes the working directory.
bool uncover(int dir, const char *name);

// A new file system, detached. `options` as mount(8) takes them: "size=64m,mode=755".
int fs_new(const char *type, const char *options, uint64_t attributes);

// What a path inside a root is: absolute links and .. end at the root, and no link is followed that leads out of it. A plain path has
// no links at all, and every other one is an error (ELOOP).
enum links { LINKS_INSIDE, LINKS_NONE };
int path_inside(int root, const char *path, enum links links);

// As path_inside, and makes what is missing: directories, and at the end an empty file or a directory.
int path_make(int root, const char *path, bool directory);

// The root becomes `/`, and the old root is gone. Checks that the working directory is inside.
bool root_enter(int root);
