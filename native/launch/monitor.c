// Waits for the program while its output flows, drains what it left, and writes the exit record.
#define _GNU_SOURCE
#include "monitor.h"
#include "clock.h"
#include "ending.h"
#include "terminal.h"
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 16 << 10 };

// stderr before stdout: poll looks at them in this order, so that stderr is never found ready without what went to stdout before it.
enum { WAIT_END, WAIT_ERR, WAIT_OUT, WAIT_TERMINAL };

// Takes at most `limit` bytes out of the pipe. Returns how many; 0 when it is empty for now, -1 at its end.
static ssize_t pump(struct output *output, enum stream stream, int pipe, size_t limit) {
  static char chunk[CHUNK];
  ssize_t n;
  do {
    n = read(pipe, chunk, limit < CHUNK ? limit : CHUNK);
  } while (n < 0 && errno == EINTR);
  if (n < 0 && errno == EAGAIN) return 0;
  if (n <= 0) return -1;
  output_keep(output, stream, chunk, (size_t)n);
  return n;
}

// What was in the pipe when the program ended, and no more: a grandchild may hold it open, and write, for ever. Once the monitor
// is gone such a grandchild gets EPIPE.
static void drain(struct output *output, enum stream stream, int pipe) {
  int left = 0;
  if (pipe < 0 || ioctl(pipe, FIONREAD, &left) < 0) return;
  while (left > 0) {
    ssize_t n = pump(output, stream, pipe, (size_t)left);
    if (n <= 0) return;
    left -= (int)n;
  }
}

// The program may close its output and go on: then only its end is waited for (a negative descriptor is not polled).
static void take(struct output *output, enum stream stream, int *pipe) {
  if (pump(output, stream, *pipe, CHUNK) >= 0) return;
  close(*pipe);
  *pipe = -1;
}

static void watch(struct monitor *monitor, struct terminal *terminal) {
  struct pollfd waits[WAIT_TERMINAL + TERMINAL_WAITS] = {0};
  while (waits[WAIT_END].revents == 0) {
    waits[WAIT_END] = (struct pollfd){.fd = monitor->pidfd, .events = POLLIN};
    waits[WAIT_ERR] = (struct pollfd){.fd = monitor->err, .events = POLLIN};
    waits[WAIT_OUT] = (struct pollfd){.fd = monitor->out, .events = POLLIN};
    terminal_waits(terminal, waits + WAIT_TERMINAL);
    if (poll(waits, sizeof waits / sizeof *waits, terminal_patience_ms(terminal)) < 0) continue;  // EINTR: nothing has ended
    // What a program says before it complains was said first.
    if (waits[WAIT_OUT].revents != 0) take(monitor->output, STREAM_STDOUT, &monitor->out);
    if (waits[WAIT_ERR].revents != 0) take(monitor->output, STREAM_STDERR, &monitor->err);
    terminal_turn(terminal, waits + WAIT_TERMINAL);
  }
}

// waitid(2) as the kernel has it: with the rusage, which the C library's leaves out. It is complete although nothing is reaped yet.
static bool look_at_end(pid_t pid, struct ending *ending) {
  siginfo_t end = {0};
  if (syscall(SYS_waitid, P_PID, pid, &end, WEXITED | WNOWAIT, &ending->used) < 0) return false;
  ending->pid = pid;
  ending->code = end.si_code;
  ending->status = end.si_status;
  return true;
}

void monitor_run(struct monitor *monitor) {
  static struct terminal terminal;
  terminal_begin(&terminal, monitor);
  watch(monitor, &terminal);
  struct ending ending = {.run_ms = clock_ms(CLOCK_BOOTTIME) - monitor->started_ms};
  drain(monitor->output, STREAM_STDOUT, monitor->out);
  drain(monitor->output, STREAM_STDERR, monitor->err);
  terminal_end(&terminal);
  if (look_at_end(monitor->pid, &ending)) ending_keep(monitor->output, &ending);
  waitid(P_PID, (id_t)monitor->pid, NULL, WEXITED);
  terminal_farewell(&terminal);
}
