// Copies the host's folders without their files (overlayfs.rst: a folder in several layers has the owner of the topmost, and the entries of all).
#define _GNU_SOURCE
#include "folders.h"
#include "covers.h"
#include "descriptor.h"
#include "mount.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

// More would take longer than the rest of a launch. Deeper folders stay the host's.
enum { FOLDERS_MAX = 1024, DEEPEST = 6 };
static const mode_t OPEN_TO_ALL = S_IROTH | S_IXOTH;

struct walk {
  int lower, own;
  const struct covers *covers;
  // Paths that are still to be listed, in the order of their depth.
  char *paths[FOLDERS_MAX];
  size_t count, next;
};

// A root has these new or as one of the program's own.
static bool is_skipped(const char *path) {
  static const char *const skipped[] = {"proc", "sys", "dev", "run", "tmp", "var/tmp"};
  for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++) {
    if (strcmp(path, skipped[i]) == 0) return true;
  }
  return false;
}

static int open_below(int root, const char *path) {
  struct open_how how = {
    .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
  };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// Its mode does not show whom its list shuts out (acl(5)).
static bool has_list(int folder, const char *name) {
  char path[NAME_MAX + 32];
  snprintf(path, sizeof path, "/proc/self/fd/%d/%s", folder, name);
  return lgetxattr(path, "system.posix_acl_access", NULL, 0) > 0;
}

// Other users may replace folders that are theirs at any moment: by the mode of the folder that is open it is decided, also for what is in it.
static void add(struct walk *walk, int folder, const char *above, const char *name) {
  struct stat found;
  char *path = NULL;
  if (walk->count == FOLDERS_MAX || fstatat(folder, name, &found, AT_SYMLINK_NOFOLLOW) < 0) return;
  if (!S_ISDIR(found.st_mode) || (found.st_mode & OPEN_TO_ALL) != OPEN_TO_ALL || has_list(folder, name)) return;
  if (asprintf(&path, "%s%s%s", above, above[0] == '\0' ? "" : "/", name) < 0) return;
  bool skipped = is_skipped(path) || covers_has(walk->covers, path);
  if (!skipped && mkdirat(walk->own, path, found.st_mode & 01777) == 0) walk->paths[walk->count++] = path;
  else free(path);
}

static size_t depth_of(const char *path) {
  size_t depth = path[0] != '\0';
  for (; *path != '\0'; path++) depth += *path == '/';
  return depth;
}

static void list(struct walk *walk, const char *path) {
  struct stat found;
  int folder = open_below(walk->lower, path[0] == '\0' ? "." : path);
  DIR *entries = folder < 0 ? NULL : fdopendir(folder);
  if (entries == NULL) {
    if (folder >= 0) close(folder);
    return;
  }
  bool open = fstat(folder, &found) == 0 && (found.st_mode & OPEN_TO_ALL) == OPEN_TO_ALL;
  for (const struct dirent *entry; open && (entry = readdir(entries)) != NULL; ) {
    bool here = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (!here && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN)) add(walk, folder, path, entry->d_name);
  }
  closedir(entries);
}

// A home for the program's root, unless the host's can be read by all.
static void own_home(const struct walk *walk) {
  if (mkdirat(walk->own, "root", 0700) == 0) folder_hides(walk->own, "root");
}

// With the program's ids, so that the kernel gives it the folders, and opens none that it could not open itself.
static void lend(struct walk *walk, uid_t uid, gid_t gid) {
  gid_t group = (gid_t)setfsgid(gid);
  uid_t user = (uid_t)setfsuid(uid);
  list(walk, "");
  for (; walk->next < walk->count && walk->count < FOLDERS_MAX; walk->next++) {
    if (depth_of(walk->paths[walk->next]) < DEEPEST) list(walk, walk->paths[walk->next]);
  }
  own_home(walk);
  setfsuid(user);
  setfsgid(group);
}

int folders_between(int lower, const struct covers *covers, bool lends, uid_t uid, gid_t gid) {
  char options[96];
  // Without a limit on their number: only we write there.
  snprintf(options, sizeof options, "size=64k,nr_inodes=0,mode=755,uid=%u,gid=%u", uid, gid);
  struct walk *walk = calloc(1, sizeof *walk);
  if (walk == NULL) return -1;
  walk->lower = lower;
  walk->covers = covers;
  int own = walk->own = fs_new("tmpfs", options, NO_PROGRAMS);
  if (own >= 0) {
    mode_t mask = umask(0);
    if (lends) lend(walk, uid, gid);
    bool covered = covers_make(covers, lower, own, uid, gid);
    umask(mask);
    if (!covered) {
      close_keeping_errno(own);
      own = -1;
    }
  }
  int error = errno;
  for (size_t i = 0; i < walk->count; i++) free(walk->paths[i]);
  free(walk);
  errno = error;
  return own;
}
