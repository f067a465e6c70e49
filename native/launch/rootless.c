// Runs the launcher without root, in a user namespace in which it is root of that namespace's resources only (user_namespaces(7)).
#define _GNU_SOURCE
#include "rootless.h"
#include "limits.h"
#include "status.h"
#include "values.h"
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

// The pid of the request's `join`, 0 for none. Found in the text, because the unparsed request is passed on.
static pid_t joined(const char *request, size_t length) {
  static const char key[] = "join=";
  for (const char *at = request; at < request + length; at += strnlen(at, (size_t)(request + length - at)) + 1) {
    uint64_t pid;
    bool is_join = strncmp(at, key, sizeof key - 1) == 0;
    if (is_join && value_number(at + sizeof key - 1, '\0', 1, INT32_MAX, &pid) != NULL) return (pid_t)pid;
  }
  return 0;
}

// setns(2) needs rights in both user namespaces, which only root of the parent namespace has, and not the user outside who made it.
static bool enter_above(pid_t pid) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
  int theirs = open(path, O_RDONLY | O_CLOEXEC);
  int above = theirs < 0 ? -1 : ioctl(theirs, NS_GET_PARENT);
  return above >= 0 && setns(above, CLONE_NEWUSER) == 0;
}

static bool map_self(const char *file, unsigned id) {
  char text[32];
  int length = snprintf(text, sizeof text, "0 %u 1\n", id);
  return proc_write(file, text, (size_t)length);
}

// Passes the request on, from its beginning, on the same descriptor.
static bool pass_request(const char *request, size_t length) {
  int copy = memfd_create("request", MFD_CLOEXEC);
  if (copy < 0) return false;
  for (size_t done = 0; done < length; ) {
    ssize_t n = write(copy, request + done, length - done);
    if (n < 0) return false;
    done += (size_t)n;
  }
  return lseek(copy, 0, SEEK_SET) == 0 && dup2(copy, REQUEST_FD) == REQUEST_FD;
}

// A user may map a group only after denying setgroups, as leaving a group could give rights that the group denies.
static bool make_own(const char **what) {
  unsigned uid = geteuid(), gid = getegid();
  *what = "unshare";
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) return false;
  *what = "/proc/self/uid_map";
  if (!map_self(*what, uid)) return false;
  *what = "/proc/self/setgroups";
  if (!proc_write(*what, "deny", 4)) return false;
  *what = "/proc/self/gid_map";
  return map_self(*what, gid);
}

// Executes itself again, because only exec makes our /proc files belong to the new ids; without that we could not write the child's maps.
void rootless_execute(const char *request, size_t length, const char **what) {
  static char name[] = "cgdeck-launch";
  char *const argv[] = {name, NULL};
  pid_t join = joined(request, length);
  *what = "join";
  if (join != 0 ? !enter_above(join) : !make_own(what)) return;
  *what = "request";
  if (!pass_request(request, length)) return;
  *what = "/proc/self/exe";
  execve(*what, argv, environ);
}

bool rootless_keeps_groups(void) {
  char word[8] = "";
  int file = open("/proc/self/setgroups", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t n = read(file, word, sizeof word - 1);
  close(file);
  return n >= 4 && strncmp(word, "deny", 4) == 0;
}
