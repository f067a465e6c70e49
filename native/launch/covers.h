// The places below a folder that the host has covered with mounts. An overlay of the folder is one of its file system alone: without covers of
// its own, it would show what lies beneath them.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct covers {
  // Relative to the folder; a place comes before what is in it.
  char **path;
  size_t count;
};

// What is mounted below `dir` on its own mount. False with errno. To be freed in either case.
bool covers_find(int dir, struct covers *covers);
void covers_free(struct covers *covers);

bool covers_has(const struct covers *covers, const char *path);

// Makes in the overlay's layer `own` an empty folder or file of this owner for each place; the folders above have owner and mode of those in
// `lower`. False with errno.
bool covers_make(const struct covers *covers, int lower, int own, uid_t uid, gid_t gid);

// Lets a folder of a layer hide those of the same name in the layers below; false with errno. CAP_SYS_ADMIN is needed, whatever the fsuid.
bool folder_hides(int own, const char *path);
