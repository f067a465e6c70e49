// Walks paths name by name where links may be followed (openat2(2), path_resolution(7)).
#define _GNU_SOURCE
#include "hostpath.h"
#include "descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// The kernel's own limit for one path.
enum { LINKS_MAX = 40 };

// The rest of a path to walk, from the open folder `at`.
struct way {
  int at, links;
  char rest[PATH_MAX];
};

static int open_plain(const char *path, uint64_t more) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC | more, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
  return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

int host_path(const char *path) { return open_plain(path, 0); }
int host_directory(const char *path) { return open_plain(path, O_DIRECTORY); }

static bool fails(int error) {
  errno = error;
  return false;
}

static bool go_to(struct way *way, int next) {
  if (next < 0) return false;
  close(way->at);
  way->at = next;
  return true;
}

static bool is_open_to_all(int folder) {
  struct stat found;
  if (fstat(folder, &found) < 0) return false;
  if (!S_ISDIR(found.st_mode)) return fails(ENOTDIR);
  return found.st_mode & S_IXOTH ? true : fails(EACCES);
}

// Replaces the link by its text, as the kernel does. Magic links of /proc are also followed by their text, and so lead where all users could go.
static bool follow(struct way *way, int link, const char *behind) {
  char whole[PATH_MAX], text[PATH_MAX];
  ssize_t length = readlinkat(link, "", text, sizeof text - 1);
  if (length <= 0) return length < 0 ? false : fails(ENOENT);
  text[length] = '\0';
  if (++way->links > LINKS_MAX) return fails(ELOOP);
  if ((size_t)snprintf(whole, sizeof whole, "%s/%s", text, behind) >= sizeof whole) return fails(ENAMETOOLONG);
  strcpy(way->rest, whole);
  return text[0] != '/' || go_to(way, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static bool step(struct way *way) {
  char *name = way->rest + strspn(way->rest, "/"), *end = name + strcspn(name, "/");
  char *behind = *end == '\0' ? end : end + 1;
  *end = '\0';
  struct stat found;
  int next = is_open_to_all(way->at) ? openat(way->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
  if (next < 0) return false;
  if (fstat(next, &found) < 0 || !S_ISLNK(found.st_mode)) {
    memmove(way->rest, behind, strlen(behind) + 1);
    return go_to(way, next);
  }
  bool followed = follow(way, next, behind);
  close_keeping_errno(next);
  return followed;
}

int host_path_open_to_all(const char *path) {
  struct way way = {.at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), .links = 0};
  if (way.at < 0) return -1;
  bool good = strlen(path) < sizeof way.rest || fails(ENAMETOOLONG);
  if (good) strcpy(way.rest, path);
  while (good && way.rest[strspn(way.rest, "/")] != '\0') good = step(&way);
  if (good) return way.at;
  close_keeping_errno(way.at);
  return -1;
}
