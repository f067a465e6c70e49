// The presets' program: uses one resource at a steady rate, so that meters, limits and alarms can be tried out on any machine.
//   cgdeck-load leak <MiB per second> [<MiB>] | burn <cpus> | write <MiB per second> <file> | fork <count>
// Time lost while it is frozen, throttled or waiting for memory is not made up for.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STEPS_PER_SEC = 20, MIB = 1 << 20, NSEC_PER_SEC = 1000000000, MAX_MIB_PER_SEC = 65536, MAX_MIB = 1 << 24, MAX_CPUS = 1024, MAX_CHILDREN = 10000 };

static volatile sig_atomic_t ended;

static void on_end(int number) {
  (void)number;
  ended = 1;
}

// One write per line. Continues without a reader.
__attribute__((format(printf, 1, 2))) static void print(const char *format, ...) {
  char text[256];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(text, sizeof text, format, values);
  va_end(values);
  if (length > 0) (void)!write(STDOUT_FILENO, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

// A steady beat: every step lasts 1/STEPS_PER_SEC, however long its work takes. A signal ends the wait.
struct beat {
  struct timespec next;
  unsigned steps;
};

static int64_t nsec(const struct timespec *time) { return (int64_t)time->tv_sec * NSEC_PER_SEC + time->tv_nsec; }

// Returns true once a second, and false at once when the program is to end.
static bool beat_wait(struct beat *beat) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  int64_t step = NSEC_PER_SEC / STEPS_PER_SEC, next = nsec(&beat->next) + step;
  // If it is late by more than a step, the beat restarts from now.
  if (beat->steps == 0 || nsec(&now) > next + step) next = nsec(&now) + step;
  beat->next = (struct timespec){.tv_sec = next / NSEC_PER_SEC, .tv_nsec = next % NSEC_PER_SEC};
  while (!ended && clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &beat->next, NULL) == EINTR) {}
  return !ended && ++beat->steps % STEPS_PER_SEC == 0;
}

// Allocates without end, or `most` bytes, if not 0. Pages are touched one by one, without huge pages, so that usage rises steadily.
static int leak(size_t mib_per_sec, size_t most) {
  enum { REGION = 64 * MIB };
  size_t page = (size_t)sysconf(_SC_PAGESIZE), held = 0, left = 0, step = mib_per_sec * MIB / STEPS_PER_SEC;
  char *at = NULL;
  bool refused = false;
  for (struct beat beat = {0}; !ended && (most == 0 || held < most); ) {
    for (size_t touched = 0; touched < step && !refused && !ended; touched += page, held += page, left -= page, at += page) {
      if (left == 0) {
        at = mmap(NULL, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        refused = at == MAP_FAILED;
        if (refused) {
          print("leak: mmap: %s; allocates no more\n", strerrorname_np(errno));
          break;
        }
        madvise(at, REGION, MADV_NOHUGEPAGE);
        left = REGION;
      }
      *(volatile char *)at = 1;
    }
    if (beat_wait(&beat)) print("leak: %zu MiB allocated\n", held / MIB);
  }
  print("leak: ends with %zu MiB\n", held / MIB);
  return 0;
}

static void *spin(void *nothing) {
  for (volatile unsigned turns = 0; !ended; ) turns = turns + 1;
  return nothing;
}

static int burn(size_t cpus) {
  sigset_t ends;
  size_t running = 0;
  sigfillset(&ends);
  // Only the main thread, which waits, takes signals.
  pthread_sigmask(SIG_BLOCK, &ends, NULL);
  for (pthread_t thread; running < cpus; running++) {
    int error = pthread_create(&thread, NULL, spin, NULL);
    if (error == 0) {
      pthread_detach(thread);
      continue;
    }
    print("burn: thread %zu of %zu: %s\n", running + 1, cpus, strerrorname_np(error));
    break;
  }
  pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
  for (struct beat beat = {0}; !ended; ) {
    struct timespec used;
    if (!beat_wait(&beat)) continue;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    print("burn: %zu threads, %lld.%02ld s of CPU time\n", running, (long long)used.tv_sec, used.tv_nsec / 10000000);
  }
  return 0;
}

static const char MARK[] = "cgdeck-load write\n";

// Since the file is overwritten and removed, an existing one is used only if a killed run of this program left it.
static int open_own(const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file >= 0 || errno != EEXIST) return file;
  char mark[sizeof MARK - 1];
  struct stat found;
  file = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) return file;
  bool ours = fstat(file, &found) == 0 && S_ISREG(found.st_mode) &&
    (found.st_size == 0 || (pread(file, mark, sizeof mark, 0) == (ssize_t)sizeof mark && memcmp(mark, MARK, sizeof mark) == 0));
  if (ours) return file;
  close(file);
  errno = EEXIST;
  return -1;
}

// fdatasync after each step, or the page cache would delay all writes to the device for seconds.
static int write_steadily(size_t mib_per_sec, const char *path) {
  enum { WRAP = 64 * MIB };
  size_t step = mib_per_sec * MIB / STEPS_PER_SEC;
  if (step > WRAP) step = WRAP;
  char *bytes = malloc(step + sizeof MARK);
  int file = open_own(path);
  if (bytes == NULL || file < 0) {
    fprintf(stderr, "cgdeck-load: %s: %s\n", path, strerror(errno));
    free(bytes);
    return 1;
  }
  for (size_t at = 0; at < step; at += sizeof MARK - 1) memcpy(bytes + at, MARK, sizeof MARK - 1);
  size_t offset = 0, total = 0;
  const char *refusal = NULL;
  for (struct beat beat = {0}; !ended; ) {
    if (offset + step > WRAP) offset = 0;
    ssize_t written = pwrite(file, bytes, step, (off_t)offset);
    if (written < 0 || fdatasync(file) < 0) refusal = strerrorname_np(errno);
    else refusal = NULL;
    if (written > 0) {
      offset += (size_t)written;
      total += (size_t)written;
    }
    if (!beat_wait(&beat)) continue;
    if (refusal == NULL) print("write: %zu MiB written\n", total / MIB);
    else print("write: %zu MiB written; refused: %s\n", total / MIB, refusal);
  }
  unlink(path);
  close(file);
  free(bytes);
  print("write: ends after %zu MiB\n", total / MIB);
  return 0;
}

// Sleeps until it or its parent is killed. Checks the parent afterwards, which may have been killed before PR_SET_PDEATHSIG.
_Noreturn static void sleep_for_parent(pid_t parent) {
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGHUP, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(0);
  for (;;) pause();
}

// Tries to fork missing children at each step, a limited number, and after a refusal not for a second, so that it reaches pids.max without a
// fork storm.
static int keep_children(size_t wanted) {
  enum { TRIES_PER_STEP = 50 };
  pid_t *children = calloc(wanted, sizeof *children);
  pid_t self = getpid();
  size_t held = 0, refused = 0;
  bool resting = false;
  if (children == NULL) return 1;
  for (struct beat beat = {0}; !ended; ) {
    for (pid_t gone; (gone = waitpid(-1, NULL, WNOHANG)) > 0; ) {
      for (size_t i = 0; i < held; i++) {
        if (children[i] != gone) continue;
        children[i] = children[--held];
        break;
      }
    }
    for (int tries = 0; tries < TRIES_PER_STEP && held < wanted && !resting && !ended; tries++) {
      pid_t child = fork();
      if (child == 0) sleep_for_parent(self);
      if (child > 0) children[held++] = child;
      else {
        refused++;
        resting = true;
        print("fork: refused: %s, at %zu of %zu children\n", strerrorname_np(errno), held, wanted);
      }
    }
    if (!beat_wait(&beat)) continue;
    resting = false;
    print("fork: %zu of %zu children, refused %zu times\n", held, wanted, refused);
  }
  for (size_t i = 0; i < held; i++) kill(children[i], SIGKILL);
  while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) {}
  free(children);
  return 0;
}

// A number from 1 to max, or 0 if invalid.
static size_t count_of(const char *text, size_t max) {
  char *end;
  if (text[0] < '0' || text[0] > '9') return 0;
  errno = 0;
  unsigned long value = strtoul(text, &end, 10);
  return errno == 0 && *end == '\0' && value <= max ? value : 0;
}

int main(int argc, char **argv) {
  // Pid 1 of a namespace receives only signals with a handler. Without SA_RESTART, so that a signal ends a wait.
  struct sigaction end = {.sa_handler = on_end};
  static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) sigaction(ends[i], &end, NULL);
  signal(SIGPIPE, SIG_IGN);
  const char *kind = argc > 1 ? argv[1] : "";
  size_t amount, most = 0;
  if ((argc == 3 || (argc == 4 && (most = count_of(argv[3], MAX_MIB)) > 0)) && strcmp(kind, "leak") == 0 &&
      (amount = count_of(argv[2], MAX_MIB_PER_SEC)) > 0)
    return leak(amount, most * MIB);
  if (argc == 3 && strcmp(kind, "burn") == 0 && (amount = count_of(argv[2], MAX_CPUS)) > 0) return burn(amount);
  if (argc == 4 && strcmp(kind, "write") == 0 && (amount = count_of(argv[2], MAX_MIB_PER_SEC)) > 0) return write_steadily(amount, argv[3]);
  if (argc == 3 && strcmp(kind, "fork") == 0 && (amount = count_of(argv[2], MAX_CHILDREN)) > 0) return keep_children(amount);
  fputs("usage: cgdeck-load leak <MiB per second> [<MiB>] | burn <cpus> | write <MiB per second> <file> | fork <count>\n", stderr);
  return 2;
}
