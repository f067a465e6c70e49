// Mounts by descriptor (Linux 5.2 and later): a mount is made detached and then attached to a descriptor. No path is looked up twice, so
// nothing can be replaced in between. All functions return a descriptor or true; on failure -1 or false with errno.
#pragma once
#include <linux/mount.h>
#include <stdbool.h>
#include <stdint.h>

enum { NO_SUID_OR_DEVICES = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, NO_PROGRAMS = NO_SUID_OR_DEVICES | MOUNT_ATTR_NOEXEC };

// A detached copy of the mount at `path` below `at` (of `at` itself if `path` is ""); recursive: with the mounts below it.
int tree_clone(int at, const char *path, bool recursive);

// Sets attributes of a detached tree (recursive: and of the mounts below it), and makes its propagation private.
bool tree_set(int tree, uint64_t attributes, bool recursive);

// Makes an idmapped mount: root's files belong to the root of the user namespace. Not every file system supports it.
bool tree_map_ids(int tree, int user_namespace);

// Removes the attribute noexec, where the kernel permits that.
void tree_allow_programs(int tree);

bool tree_attach(int tree, int target);

// Unmounts everything mounted at `name` in the directory. Changes the working directory.
bool uncover(int dir, const char *name);

// A new detached file system. `options` as for mount(8): "size=64m,mode=755".
int fs_new(const char *type, const char *options, uint64_t attributes);

// Opens a path inside a root, which neither links nor .. can leave. LINKS_NONE refuses any link (ELOOP).
enum links { LINKS_INSIDE, LINKS_NONE };
int path_inside(int root, const char *path, enum links links);

// Like path_inside with LINKS_INSIDE, but makes missing directories, and at the end an empty file or a directory.
int path_make(int root, const char *path, bool directory);

// Whether the descriptor is in a file system of the kernel's own: proc, sysfs, cgroup, devpts.
bool is_kernels(int fd);

// Makes the root `/` and unmounts the old one. Checks that the working directory is inside.
bool root_enter(int root);
