// A user and a group as the program's own /etc/passwd and /etc/group describe them.
#pragma once
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { GROUPS_MAX = 64, NAME_SIZE = 65 };

struct identity {
  uid_t uid;
  gid_t gid;
  // Supplementary groups.
  gid_t groups[GROUPS_MAX];
  size_t group_count;
  // "" where passwd has no such id.
  char name[NAME_SIZE], home[PATH_MAX];
};

// Finds a user and a group, by name or by number, in the present root; NULL: root, or the user's group. A number needs no entry; without one the
// group has the same number. False with errno and a message.
bool identity_find(const char *user, const char *group, struct identity *who, char *message, size_t size);
