// Enters namespaces by pidfd (setns(2)), and sets the clocks of a time namespace (time_namespaces(7)).
#define _GNU_SOURCE
#include "join.h"
#include "limits.h"
#include "line.h"
#include "values.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool has_own(pid_t pid, const char *kind) {
  char path[40];
  struct stat theirs, ours;
  snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, kind);
  if (stat(path, &theirs) < 0) return false;
  snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
  if (stat(path, &ours) < 0) return false;
  errno = EINVAL;
  return theirs.st_ino != ours.st_ino || theirs.st_dev != ours.st_dev;
}

static int refuse(int pidfd, int error) {
  close(pidfd);
  errno = error;
  return -1;
}

// A task that has ended is in no namespaces any more.
static bool has_namespaces(pid_t tid) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/ns/mnt", tid);
  return access(path, F_OK) == 0;
}

// A thread of the process that has not ended, 0 if there is none.
static pid_t living_thread(pid_t pid) {
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *threads = opendir(path);
  pid_t found = 0;
  for (const struct dirent *thread; found == 0 && threads != NULL && (thread = readdir(threads)) != NULL;) {
    pid_t tid = atoi(thread->d_name);
    if (tid > 0 && has_namespaces(tid)) found = tid;
  }
  if (threads != NULL) closedir(threads);
  return found;
}

// The first thread, by which a process is known, may have ended before others (pthread_exit(3)).
static int open_process(struct request *request, const char **message) {
  int pidfd = (int)syscall(SYS_pidfd_open, request->join, 0);
  if (pidfd < 0 || has_namespaces(request->join)) return pidfd;
  char path[64];
  pid_t pid = request->join, tid = living_thread(pid);
  if (tid == 0) return pidfd;
  close(pidfd);
  enum { PIDFD_THREAD = O_EXCL };
  pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
  if (pidfd < 0 && errno == EINVAL) *message = "its first thread has ended, and Linux before 6.9 cannot join by another one";
  snprintf(path, sizeof path, "/proc/%d/task/%d", pid, tid);
  if (pidfd >= 0 && access(path, F_OK) < 0) return refuse(pidfd, ESRCH);
  request->join = tid;
  return pidfd;
}

int join_open(struct request *request, const char **message) {
  int pidfd = open_process(request, message);
  if (pidfd < 0) return -1;
  for (size_t i = 0; i < NAMESPACE_KINDS; i++) {
    if (!(request->namespaces & namespace_kinds[i].flag) || has_own(request->join, namespace_kinds[i].name)) continue;
    if (errno == EINVAL) *message = "the process is in the host's namespace of a kind that was asked for";
    return refuse(pidfd, errno);
  }
  // If the process still exists, everything read under this pid was about it.
  if (syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) < 0) return refuse(pidfd, errno);
  if ((request->namespaces & CLONE_NEWPID) && setns(pidfd, CLONE_NEWPID) < 0) return refuse(pidfd, errno);
  return pidfd;
}

// In one call, so that the kernel takes the right order: the right to enter the others may come from the user namespace.
void join_enter(const struct request *request, int pidfd) {
  int flags = (int)(request->namespaces & ~(uint64_t)CLONE_NEWPID);
  if (flags != 0 && setns(pidfd, flags) < 0) fail(STEP_JOIN, "setns");
  done(STEP_JOIN);
}

static uint32_t join_outside(pid_t pid, const char *map, uint32_t id) {
  char path[40];
  struct id_maps maps = {.count = 0};
  unsigned inside, outside, count;
  snprintf(path, sizeof path, "/proc/%d/%s", pid, map);
  FILE *file = fopen(path, "re");
  while (file != NULL && maps.count < MAX_MAPS && fscanf(file, "%u %u %u", &inside, &outside, &count) == 3) {
    maps.line[maps.count++] = (struct id_map){inside, outside, count};
  }
  if (file != NULL) fclose(file);
  return map_outside(&maps, id);
}

void join_outside_ids(const struct request *request, uid_t *uid, gid_t *gid) {
  *uid = request->uid;
  *gid = request->gid;
  if (!(request->namespaces & CLONE_NEWUSER)) return;
  *uid = request->join != 0 ? join_outside(request->join, "uid_map", 0) : map_outside(&request->uid_maps, 0);
  *gid = request->join != 0 ? join_outside(request->join, "gid_map", 0) : map_outside(&request->gid_maps, 0);
}

// The offset is minus the clock, with nanoseconds counted upwards. The kernel refuses a clock below 0; it has advanced a little by the time
// of that check.
static int offset(char *text, size_t size, const char *name, clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  bool part = now.tv_nsec > 0;
  return snprintf(text, size, "%s %lld %ld\n", name, -(long long)now.tv_sec - part, part ? 1000000000 - now.tv_nsec : 0);
}

// In the launcher before the clone, because the first process in the namespace fixes its offsets. The namespace belongs to the launcher's
// user namespace, not to the program's.
bool time_prepare(void) {
  char text[128];
  if (unshare(CLONE_NEWTIME) < 0) return false;
  int length = offset(text, sizeof text, "monotonic", CLOCK_MONOTONIC);
  length += offset(text + length, sizeof text - (size_t)length, "boottime", CLOCK_BOOTTIME);
  return proc_write("/proc/self/timens_offsets", text, (size_t)length);
}

void children_in_own_namespaces(void) {
  static const struct { const char *path; int kind; } homes[] = {{"/proc/self/ns/pid", CLONE_NEWPID}, {"/proc/self/ns/time", CLONE_NEWTIME}};
  for (size_t i = 0; i < sizeof homes / sizeof *homes; i++) {
    int home = open(homes[i].path, O_RDONLY | O_CLOEXEC);
    // An error does not matter, as no more children follow. Threads, such as a sanitizer's, cannot be made before this.
    if (home >= 0) setns(home, homes[i].kind);
    if (home >= 0) close(home);
  }
}
