// Finds and covers mount points in overlays (overlayfs.rst, "whiteouts and opaque directories").
#define _GNU_SOURCE
#include "covers.h"
#include "descriptor.h"
#include "mounts.h"
#include "values.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char OPAQUE[] = "trusted.overlay.opaque", ACL[] = "system.posix_acl_access";

struct search {
  struct covers *covers;
  uint64_t mount;
  const char *above;
  bool failed;
};

// What is mounted on another mount is not in this file system.
static void add(const struct mount_line *line, void *more) {
  struct search *search = more;
  size_t length = strlen(search->above);
  if ((uint64_t)line->parent != search->mount || line->parent == line->id) return;
  mounts_unescape(line->path);
  if (strncmp(line->path, search->above, length) != 0 || line->path[length] != '/' || line->path[length + 1] == '\0') return;
  struct covers *covers = search->covers;
  char **grown = reallocarray(covers->path, covers->count + 1, sizeof *grown);
  if (grown != NULL) covers->path = grown;
  char *path = grown == NULL ? NULL : strdup(line->path + length + 1);
  if (path == NULL) search->failed = true;
  else covers->path[covers->count++] = path;
}

static int in_order(const void *one, const void *other) { return path_order(*(char *const *)one, *(char *const *)other); }

bool covers_find(int dir, struct covers *covers) {
  char link[40], above[PATH_MAX];
  struct statx found;
  *covers = (struct covers){NULL, 0};
  snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
  ssize_t length = readlink(link, above, sizeof above - 1);
  if (length < 0 || syscall(SYS_statx, dir, "", AT_EMPTY_PATH, STATX_MNT_ID, &found) < 0) return false;
  // Before Linux 5.8 the number is not known.
  errno = ENOSYS;
  if (!(found.stx_mask & STATX_MNT_ID)) return false;
  above[length == 1 ? 0 : length] = '\0';
  struct search search = {.covers = covers, .mount = found.stx_mnt_id, .above = above};
  bool read = mounts_each("/proc/self/mountinfo", add, &search);
  if (covers->count > 0) qsort(covers->path, covers->count, sizeof *covers->path, in_order);
  return read && !search.failed;
}

void covers_free(struct covers *covers) {
  for (size_t i = 0; i < covers->count; i++) free(covers->path[i]);
  free(covers->path);
}

bool covers_has(const struct covers *covers, const char *path) {
  return covers->count > 0 && bsearch(&path, covers->path, covers->count, sizeof path, in_order) != NULL;
}

static int open_below(int root, const char *path, uint64_t flags) {
  struct open_how how = {
    .flags = flags | O_NOFOLLOW | O_CLOEXEC,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
  };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

bool folder_hides(int own, const char *path) {
  int folder = open_below(own, path, O_RDONLY | O_DIRECTORY);
  bool good = folder >= 0 && fsetxattr(folder, OPAQUE, "y", 1, 0) == 0;
  close_keeping_errno(folder);
  return good;
}

static bool is_hiding(int own, const char *path) {
  int folder = open_below(own, path, O_RDONLY | O_DIRECTORY);
  bool hiding = folder >= 0 && fgetxattr(folder, OPAQUE, NULL, 0) > 0;
  if (folder >= 0) close(folder);
  return hiding;
}

// Who may enter the folder does not change by what is covered in it: its mode alone could allow more than its list does (acl(5)).
static bool copy_folder(int lower, int own, const char *path, const struct stat *found) {
  static char list[64 << 10];
  if (mkdirat(own, path, 0700) < 0) return errno == EEXIST;
  int from = open_below(lower, path, O_RDONLY | O_DIRECTORY), to = open_below(own, path, O_RDONLY | O_DIRECTORY);
  ssize_t length = from < 0 || to < 0 ? -1 : fgetxattr(from, ACL, list, sizeof list);
  bool good = from >= 0 && to >= 0 && (length >= 0 || errno == ENODATA || errno == EOPNOTSUPP);
  good = good && fchown(to, found->st_uid, found->st_gid) == 0 && fchmod(to, found->st_mode & 07777) == 0;
  if (good && length > 0) good = fsetxattr(to, ACL, list, (size_t)length, 0) == 0;
  close_keeping_errno(from);
  close_keeping_errno(to);
  return good;
}

static bool cover(int own, const char *path, bool directory, uid_t uid, gid_t gid) {
  int made = directory ? mkdirat(own, path, 0755) : mknodat(own, path, S_IFREG | 0644, 0);
  if (made < 0 && errno != EEXIST) return false;
  return fchownat(own, path, uid, gid, AT_SYMLINK_NOFOLLOW) == 0 && (!directory || folder_hides(own, path));
}

static bool make_one(int lower, int own, char *path, uid_t uid, gid_t gid) {
  for (char *end = path;; end++) {
    struct stat found;
    end += strcspn(end, "/");
    bool last = *end == '\0';
    *end = '\0';
    int place = open_below(lower, path, O_PATH);
    // Unmounted and removed meanwhile.
    if (place < 0 && errno == ENOENT) return true;
    bool good = place >= 0 && fstat(place, &found) == 0;
    close_keeping_errno(place);
    if (!good) return false;
    if (last) return cover(own, path, S_ISDIR(found.st_mode), uid, gid);
    if (!copy_folder(lower, own, path, &found)) return false;
    // Covered itself.
    if (is_hiding(own, path)) return true;
    *end = '/';
  }
}

bool covers_make(const struct covers *covers, int lower, int own, uid_t uid, gid_t gid) {
  bool good = true;
  for (size_t i = 0; good && i < covers->count; i++) {
    char *path = strdup(covers->path[i]);
    good = path != NULL && make_one(lower, own, path, uid, gid);
    int error = errno;
    free(path);
    errno = error;
  }
  return good;
}
