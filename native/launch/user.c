// Changes ids for good (credentials(7)), after everything that needs the rights of the namespace's root.
#define _GNU_SOURCE
#include "user.h"
#include "identity.h"
#include "line.h"
#include "privilege.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

static bool has_variable(const struct request *request, const char *name) {
  size_t length = strlen(name);
  for (size_t i = 0; i < request->envs; i++) {
    if (strncmp(request->env[i], name, length) == 0 && request->env[i][length] == '=') return true;
  }
  return false;
}

static void add_variable(struct request *request, const char *name, const char *value, char *text, size_t size) {
  if (value[0] == '\0' || has_variable(request, name) || request->envs == MAX_ENV) return;
  snprintf(text, size, "%s=%s", name, value);
  request->env[request->envs++] = text;
}

static _Noreturn void refuse(const char *what) {
  fail_because(STEP_USER, errno == EINVAL ? "the launch's user namespace has no such id: it has 0 to 65535" : "", what);
}

// So that it can open /dev/stdout again. A terminal keeps its group, which write(1) relies on.
static void own_stdio(const struct identity *who, const char *shown) {
  for (int fd = 0; fd <= 2; fd++) {
    struct stat found;
    if (fstat(fd, &found) < 0) fail(STEP_USER, "fstat");
    bool terminal = isatty(fd);
    if (!terminal && !S_ISFIFO(found.st_mode)) continue;
    if (fchown(fd, who->uid, terminal ? (gid_t)-1 : who->gid) < 0) refuse(shown);
  }
}

// The home that was made for root. What covers it, as a bind does, is not ours to give away.
static void own_home(const struct request *request, const struct identity *who) {
  if (request->home == NULL) return;
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  int home = (int)syscall(SYS_openat2, AT_FDCWD, request->home, &how, sizeof how);
  struct stat found;
  struct statfs fs;
  if (home < 0) return;
  bool made = fstat(home, &found) == 0 && fstatfs(home, &fs) == 0 && fs.f_type == TMPFS_MAGIC && found.st_uid == 0 && (found.st_mode & 07777) == 0700;
  if (made && fchownat(home, "", who->uid, who->gid, AT_EMPTY_PATH) < 0) refuse(request->home);
  close(home);
}

// The kernel clears the effective set with root's uid.
static void keep_effective(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
  if (syscall(SYS_capget, &header, sets) < 0) fail(STEP_USER, "capget");
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) sets[i].effective = sets[i].permitted;
  if (syscall(SYS_capset, &header, sets) < 0) fail(STEP_USER, "capset");
}

uid_t user_become(struct request *request) {
  static struct identity who;
  static char home[PATH_MAX + 8], user[NAME_SIZE + 8], logname[NAME_SIZE + 8];
  const char *shown = request->user != NULL ? request->user : request->group;
  char message[MESSAGE_MAX] = "";
  if (!identity_find(request->user, request->group, &who, message, sizeof message)) {
    fail_because(STEP_USER, message, strstr(message, "group") != NULL ? request->group : request->user);
  }
  own_stdio(&who, shown);
  own_home(request, &who);
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) fail(STEP_USER, "PR_SET_KEEPCAPS");
  if (setgroups(who.group_count, who.groups) < 0) refuse("setgroups");
  if (setresgid(who.gid, who.gid, who.gid) < 0) refuse(shown);
  if (setresuid(who.uid, who.uid, who.uid) < 0) refuse(shown);
  keep_effective();
  die_with_launcher();
  privilege_hide();
  add_variable(request, "HOME", who.home[0] == '/' ? who.home : "/", home, sizeof home);
  add_variable(request, "USER", who.name, user, sizeof user);
  add_variable(request, "LOGNAME", who.name, logname, sizeof logname);
  done(STEP_USER);
  return who.uid;
}
