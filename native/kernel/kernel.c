// System calls of the agent that need C: waiting with a time stamp taken before JavaScript runs, reading many control files in one call,
// and what glibc 2.35 and older lack. Errors are returned as -errno, as errno belongs to a thread.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_READY = 256, SEQ_PAGE = 4096, LONGEST_LINE = 64 };

// Waits until a descriptor of `epoll` is ready. Writes the numbers that the ready ones were registered with to `ready`, at most MAX_READY.
// woke_ns: CLOCK_MONOTONIC at the return of epoll_wait, the earliest time at which user space can know of the event.
// Nothing is read here, because the main thread may have closed a descriptor meanwhile and its number may be another file's.
__attribute__((visibility("default"))) int cgdeck_wait(int epoll, uint64_t *ready, int64_t *woke_ns) {
  struct epoll_event events[MAX_READY];
  int n = epoll_wait(epoll, events, MAX_READY, -1);
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  *woke_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
  if (n < 0) return -errno;
  for (int i = 0; i < n; i++) ready[i] = events[i].data.u64;
  return n;
}

// `number` identifies this registration and is never reused. Returns 0 or -errno.
__attribute__((visibility("default"))) int cgdeck_epoll_add(int epoll, int fd, uint32_t events, uint64_t number) {
  struct epoll_event event = {.events = events, .data.u64 = number};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

__attribute__((visibility("default"))) int cgdeck_epoll_remove(int epoll, int fd) {
  return epoll_ctl(epoll, EPOLL_CTL_DEL, fd, 0) < 0 ? -errno : 0;
}

static ssize_t read_start(int32_t fd, const char *paths, uint8_t *out, size_t size) {
  if (fd == -1) return -EBADF;
  int at = fd >= 0 ? fd : open(paths + (-2 - fd), O_RDONLY | O_CLOEXEC);
  if (at < 0) return -errno;
  ssize_t got = pread(at, out, size, 0);
  if (got < 0) got = -errno;
  // Files that list members line by line (cgroup.procs) return at most a page per read, so after a nearly full page there may be more.
  for (ssize_t last = got; last > SEQ_PAGE - LONGEST_LINE && (size_t)got < size; got += last) {
    last = pread(at, out + got, size - (size_t)got, got);
    if (last <= 0) break;
  }
  if (fd < 0) close(at);
  return got;
}

// A batch of files to read; native/libc/read-changed.ts has the same layout.
struct batch {
  // -1: skipped. -2 - k: a file that is not kept open but opened now, by the path at paths + k.
  const int32_t *fds;
  const char *paths;
  // Receives the contents, one after the other: `capacity` bytes, at most `each` of a file.
  uint8_t *now;
  // Bytes read or -errno.
  int32_t *lengths;
  // Contents and lengths of the last time in the same layout; INT32_MIN: never read.
  const uint8_t *before;
  const int32_t *before_lengths;
  // Receives pairs of (index, offset in `now`) of the files that have changed, or whose end was not read.
  int32_t *changed;
  int64_t capacity;
  int64_t each;
  int32_t n;
};

// Reads each of the batch's files from its start. Returns how many were read: fewer than n when `now` is full. *changes: how many changed.
__attribute__((visibility("default"))) int cgdeck_read_changed(const struct batch *batch, int32_t *changes) {
  int64_t used = 0;
  int64_t used_before = 0;
  int32_t count = 0;
  int i = 0;
  for (; i < batch->n && batch->capacity - used >= batch->each; i++) {
    uint8_t *now = batch->now + used;
    ssize_t got = read_start(batch->fds[i], batch->paths, now, (size_t)batch->each);
    int32_t before = batch->before_lengths[i];
    batch->lengths[i] = (int32_t)got;
    int same = got < batch->each && got == before && (got <= 0 || memcmp(now, batch->before + used_before, (size_t)got) == 0);
    if (!same) {
      batch->changed[count * 2] = i;
      batch->changed[count * 2 + 1] = (int32_t)used;
      count++;
    }
    if (got > 0) used += got;
    if (before > 0) used_before += before;
  }
  *changes = count;
  return i;
}

__attribute__((visibility("default"))) int cgdeck_pidfd_open(int pid) {
  long fd = syscall(SYS_pidfd_open, pid, 0);
  return fd < 0 ? -errno : (int)fd;
}

// Signals the process of the descriptor, even if its pid was reused. Returns 0 or -errno.
__attribute__((visibility("default"))) int cgdeck_pidfd_signal(int fd, int signal) {
  return syscall(SYS_pidfd_send_signal, fd, signal, 0, 0) < 0 ? -errno : 0;
}

// Starts a program whose descriptors 3, 4 and 5 are ends of stream socket pairs; `ends` receives the other ends. Its descriptors 0 to 2 are
// /dev/null, its environment is empty, and it has its own session. posix_spawn shares the memory until exec (CLONE_VFORK), while fork would
// copy the agent's page tables and stop it for milliseconds. Returns the pid, which cgdeck_reap reaps, or -errno.
__attribute__((visibility("default"))) int cgdeck_spawn(const char *path, const char *name, int32_t *ends) {
  enum { FIRST = 3, PAIRS = 3, ABOVE = 16 };
  int theirs[PAIRS] = {-1, -1, -1}, error = 0;
  for (int i = 0; i < PAIRS; i++) ends[i] = -1;
  for (int i = 0; i < PAIRS && error == 0; i++) {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
      error = errno;
      break;
    }
    ends[i] = pair[0];
    // Above the numbers that they get in the program.
    theirs[i] = fcntl(pair[1], F_DUPFD_CLOEXEC, ABOVE);
    if (theirs[i] < 0) error = errno;
    close(pair[1]);
  }
  pid_t pid = 0;
  if (error == 0) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int fd = 0; fd < FIRST; fd++) posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    for (int i = 0; i < PAIRS; i++) posix_spawn_file_actions_adddup2(&actions, theirs[i], FIRST + i);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    char *const argv[] = {(char *)(uintptr_t)name, NULL};
    char *const env[] = {NULL};
    error = posix_spawn(&pid, path, &actions, &attributes, argv, env);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  for (int i = 0; i < PAIRS; i++) {
    if (theirs[i] >= 0) close(theirs[i]);
    if (error != 0 && ends[i] >= 0) close(ends[i]);
  }
  return error != 0 ? -error : pid;
}

// Makes a copy of a program that not even root can write to (memfd_create(2), F_ADD_SEALS). /proc/<pid>/exe of its processes leads to the
// copy, not to the file. Returns its descriptor, or -errno (EACCES where vm.memfd_noexec forbids it).
__attribute__((visibility("default"))) int cgdeck_seal(const char *path) {
  enum { EXECUTABLE = 0x10 /* MFD_EXEC, since Linux 6.3 */, ABOVE = 16 };
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  int copy = memfd_create("cgdeck-launch", MFD_CLOEXEC | MFD_ALLOW_SEALING | EXECUTABLE);
  if (copy < 0 && errno == EINVAL) copy = memfd_create("cgdeck-launch", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  ssize_t copied = 1;
  while (copy >= 0 && copied > 0) copied = sendfile(copy, file, NULL, 1 << 20);
  bool whole = copy >= 0 && copied == 0 && fcntl(copy, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
  // Above the numbers that cgdeck_spawn gives to sockets.
  int kept = whole ? fcntl(copy, F_DUPFD_CLOEXEC, ABOVE) : -1;
  int error = errno;
  close(file);
  if (copy >= 0) close(copy);
  return kept >= 0 ? kept : -error;
}

// Reaps an ended process of cgdeck_spawn. Returns its pid, 0 while it runs, or -errno.
__attribute__((visibility("default"))) int cgdeck_reap(int pid) {
  int reaped = waitpid(pid, NULL, WNOHANG);
  return reaped < 0 ? -errno : reaped;
}

// The uid of the process at the other end of a connected Unix socket (SO_PEERCRED, unix(7)), or -errno.
__attribute__((visibility("default"))) int64_t cgdeck_peer_uid(int socket) {
  struct ucred credentials;
  socklen_t size = sizeof credentials;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) return -errno;
  return credentials.uid;
}

// Raises the limit on open descriptors to `wanted`, as some 30 per group are kept open. Returns the limit in force, or -errno.
__attribute__((visibility("default"))) int64_t cgdeck_raise_descriptors(int64_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -errno;
  if (limit.rlim_cur >= (rlim_t)wanted) return (int64_t)limit.rlim_cur;
  struct rlimit raised = {.rlim_cur = (rlim_t)wanted, .rlim_max = limit.rlim_max > (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted};
  if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return wanted;
  raised.rlim_cur = raised.rlim_max = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &raised) == 0 ? (int64_t)raised.rlim_cur : -errno;
}
