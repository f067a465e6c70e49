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

static ssize_t read_start(int fd, uint8_t *out, size_t size) {
  ssize_t got = pread(fd, out, size, 0);
  if (got < 0) return -errno;
  // Files that list members line by line (cgroup.procs) return at most a page per read, so after a nearly full page there may be more.
  for (ssize_t last = got; last > SEQ_PAGE - LONGEST_LINE && (size_t)got < size; got += last) {
    last = pread(fd, out + got, size - (size_t)got, got);
    if (last <= 0) break;
  }
  return got;
}

// 64 bits that differ where contents differ: not for hostile contents, which the kernel's numbers are not. Never 0.
static uint64_t hash_of(const uint8_t *bytes, size_t size) {
  uint64_t hash = 0x9e3779b97f4a7c15u ^ size;
  for (size_t at = 0; at < size; at += sizeof hash) {
    uint64_t word = 0;
    memcpy(&word, bytes + at, size - at < sizeof word ? size - at : sizeof word);
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    hash ^= hash >> 32;
  }
  return hash | 1;
}

// What to read of a table of files; native/libc/read-changed.ts has the same layout.
struct reading {
  // The files to read, by their places in the table.
  const int32_t *places;
  // Of each of those: its descriptor, or OPEN_ONCE, OPEN_AND_KEEP.
  const int32_t *fds;
  // The paths of those that are opened now, in the order of `places`, each ended by a NUL.
  const char *paths;
  // By place: a hash of the contents or the errno of the last time; 0: never read.
  uint64_t *seen;
  // Receives the contents of files that have changed, one after the other: room for n times `each` bytes.
  uint8_t *out;
  // Receives for each of those (index in `places`, offset in `out`, bytes or -errno).
  int32_t *changed;
  // Receives for each of OPEN_AND_KEEP (index in `places`, descriptor).
  int32_t *kept;
  int64_t each;
  int32_t n;
};

enum { OPEN_ONCE = -2, OPEN_AND_KEEP = -3 };

// Reads each of the files from its start. Returns how many have changed since the last time, or filled `each`. *kept: how many were kept open.
__attribute__((visibility("default"))) int cgdeck_read_changed(const struct reading *reading, int32_t *kept) {
  const char *path = reading->paths;
  size_t used = 0;
  int count = 0;
  *kept = 0;
  for (int i = 0; i < reading->n; i++) {
    int place = reading->places[i], wanted = reading->fds[i], fd = wanted;
    if (wanted < 0) {
      fd = open(path, O_RDONLY | O_CLOEXEC);
      path += strlen(path) + 1;
    }
    uint8_t *out = reading->out + used;
    ssize_t got = fd < 0 ? -errno : read_start(fd, out, (size_t)reading->each);
    if (fd >= 0 && wanted == OPEN_ONCE) close(fd);
    if (fd >= 0 && wanted == OPEN_AND_KEEP) {
      reading->kept[*kept * 2] = i;
      reading->kept[*kept * 2 + 1] = fd;
      ++*kept;
    }
    uint64_t hash = got < 0 ? (uint64_t)-got << 1 : hash_of(out, (size_t)got);
    // Of one that is too long the end is unknown.
    if (hash == reading->seen[place] && got < reading->each) continue;
    reading->seen[place] = hash;
    reading->changed[count * 3] = i;
    reading->changed[count * 3 + 1] = (int32_t)used;
    reading->changed[count * 3 + 2] = (int32_t)got;
    count++;
    if (got > 0) used += (size_t)got;
  }
  return count;
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
