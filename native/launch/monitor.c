// Waits for the program while its output flows, drains what it left, and writes the exit record.
#define _GNU_SOURCE
#include "init.h"
#include "monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 16 << 10 };

// Takes at most `limit` bytes out of the pipe. Returns how many; 0 when it is empty for now, -1 at its end.
static ssize_t pump(struct output *output, int pipe, size_t limit) {
  static char chunk[CHUNK];
  ssize_t n;
  do {
    n = read(pipe, chunk, limit < CHUNK ? limit : CHUNK);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return 0;
  if (n <= 0) return -1;
  output_keep(output, chunk, (size_t)n);
  return n;
}

// What was in the pipe when the program ended, and no more: a grandchild may hold it open, and write, for ever. Once the monitor
// is gone such a grandchild gets EPIPE.
static void drain(struct output *output, int pipe) {
  int left = 0;
  if (ioctl(pipe, FIONREAD, &left) < 0) return;
  while (left > 0) {
    ssize_t n = pump(output, pipe, (size_t)left);
    if (n <= 0) return;
    left -= (int)n;
  }
}

static void signal_name(int number, char *name, size_t size) {
  const char *abbreviation = sigabbrev_np(number);
  if (abbreviation != NULL) snprintf(name, size, "SIG%s", abbreviation);
  else if (number >= SIGRTMIN) snprintf(name, size, "SIGRTMIN+%d", number - SIGRTMIN);
  else snprintf(name, size, "SIG%d", number);
}

static int compose_exit(char *record, size_t size, const siginfo_t *end) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  long long time_ms = (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
  if (end->si_code == CLD_EXITED) {
    return snprintf(record, size, "{\"pid\":%d,\"code\":%d,\"time\":%lld}\n", end->si_pid, end->si_status, time_ms);
  }
  char name[24];
  signal_name(end->si_status, name, sizeof name);
  return snprintf(record, size, "{\"pid\":%d,\"signal\":%d,\"name\":\"%s\",\"time\":%lld}\n", end->si_pid, end->si_status, name, time_ms);
}

// Readers see the whole record or none.
static bool write_exit(int dir, const char *record, size_t length) {
  int file = openat(dir, "exit.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return false;
  bool whole = write(file, record, length) == (ssize_t)length;
  close(file);
  return whole && renameat(dir, "exit.new", dir, "exit") == 0;
}

// How the program ended matters more than what it said: on a full disk the output makes room.
static void keep_exit(struct output *output, const siginfo_t *end) {
  char record[160];
  size_t length = (size_t)compose_exit(record, sizeof record, end);
  if (write_exit(output->dir, record, length)) return;
  unlinkat(output->dir, "output.1", 0);
  if (write_exit(output->dir, record, length)) return;
  if (output->file >= 0 && ftruncate(output->file, 0) == 0) write_exit(output->dir, record, length);
}

void monitor_run(struct output *output, pid_t pid, int pidfd, int pipe) {
  struct pollfd waits[2] = {{.fd = pidfd, .events = POLLIN}, {.fd = pipe, .events = POLLIN}};
  while (waits[0].revents == 0) {
    if (poll(waits, 2, -1) < 0) continue;  // EINTR leaves revents as they were: nothing has ended
    // The program may close its output and go on: then only its end is waited for (a negative descriptor is not polled).
    if (waits[1].revents != 0 && pump(output, pipe, CHUNK) < 0) waits[1].fd = -1;
  }
  drain(output, pipe);
  siginfo_t end = {0};
  if (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT) == 0) {
    init_end(&end, NULL);
    keep_exit(output, &end);
  }
  waitid(P_PID, (id_t)pid, &end, WEXITED);
}
