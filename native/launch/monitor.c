// Copies the output until the end of the program and of what it has left, reads the rest of the pipes, and writes the exit record.
#define _GNU_SOURCE
#include "monitor.h"
#include "release.h"
#include "clock.h"
#include "exit-record.h"
#include "init.h"
#include "terminal.h"
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 16 << 10 };

// How often to check whether anything is left of a program that has ended.
enum { REST_MS = 20 };

// stderr before stdout: poll checks in this order, so that stderr is never ready without stdout output that was written earlier.
enum { WAIT_END, WAIT_REPORT, WAIT_MOUNTS, WAIT_ERR, WAIT_OUT, WAIT_TERMINAL };

// Copies at most `limit` bytes from the pipe. Returns how many; 0 if it is empty at present, -1 at its end.
static ssize_t pump(struct output *output, enum stream stream, int pipe, size_t limit) {
  static char chunk[CHUNK];
  ssize_t n = TEMP_FAILURE_RETRY(read(pipe, chunk, limit < CHUNK ? limit : CHUNK));
  if (n < 0 && errno == EAGAIN) return 0;
  if (n <= 0) return -1;
  output_write(output, stream, chunk, (size_t)n);
  return n;
}

// Reads only what was in the pipe at the program's end, because a grandchild may write for ever. After the monitor's end such a grandchild
// gets EPIPE.
static void drain(struct output *output, enum stream stream, int pipe) {
  int left = 0;
  if (pipe < 0 || ioctl(pipe, FIONREAD, &left) < 0) return;
  while (left > 0) {
    ssize_t n = pump(output, stream, pipe, (size_t)left);
    if (n <= 0) return;
    left -= (int)n;
  }
}

// A program may close its output and continue; poll skips the negative descriptor.
static void take(struct output *output, enum stream stream, int *pipe) {
  if (pump(output, stream, *pipe, CHUNK) >= 0) return;
  close(*pipe);
  *pipe = -1;
}

// The program's own end, before that of what it has left.
static void note_end(struct monitor *monitor, struct exit_record *record, int64_t *deadline_ms) {
  record->run_ms = clock_ms(CLOCK_BOOTTIME) - monitor->started_ms;
  record->time_ms = clock_ms(CLOCK_REALTIME);
  *deadline_ms = now_ms() + (monitor->rest.grace_ms > 0 ? rest_end(&monitor->rest, monitor->output->dir) : 0);
}

// Whether nothing more is waited for. Without an init, what is left by the end of the grace time continues without its output.
static bool is_over(struct monitor *monitor, struct exit_record *record, int64_t deadline_ms) {
  record->left = monitor->rest.grace_ms > 0 ? rest_count(&monitor->rest) : 0;
  if (record->left > 0 && now_ms() < deadline_ms) return false;
  record->left_killed = init_report() >= 0;
  init_dismiss();
  return true;
}

static void watch(struct monitor *monitor, struct terminal *terminal, struct exit_record *record) {
  struct pollfd waits[WAIT_TERMINAL + TERMINAL_WAITS] = {0};
  bool ended = false, over = false, with_init = init_report() >= 0;
  int64_t deadline_ms = 0;
  while (!over || (with_init && waits[WAIT_END].revents == 0)) {
    // Without an init its end is the program's, and is seen once.
    waits[WAIT_END] = (struct pollfd){.fd = ended && !with_init ? -1 : monitor->pidfd, .events = POLLIN};
    waits[WAIT_REPORT] = (struct pollfd){.fd = ended ? -1 : init_report(), .events = POLLIN};
    waits[WAIT_MOUNTS] = (struct pollfd){.fd = release_fd(), .events = POLLPRI};
    waits[WAIT_ERR] = (struct pollfd){.fd = monitor->err, .events = POLLIN};
    waits[WAIT_OUT] = (struct pollfd){.fd = monitor->out, .events = POLLIN};
    terminal_waits(terminal, waits + WAIT_TERMINAL);
    int timeout_ms = terminal_timeout_ms(terminal), mounts_ms = release_timeout_ms();
    if (mounts_ms >= 0 && (timeout_ms < 0 || timeout_ms > mounts_ms)) timeout_ms = mounts_ms;
    if (ended && (timeout_ms < 0 || timeout_ms > REST_MS)) timeout_ms = REST_MS;
    if (poll(waits, sizeof waits / sizeof *waits, timeout_ms) < 0) continue;  // EINTR: nothing has ended
    if (waits[WAIT_MOUNTS].revents != 0) release_handle();
    // stdout first, as programs usually write output before the error about it.
    if (waits[WAIT_OUT].revents != 0) take(monitor->output, STREAM_STDOUT, &monitor->out);
    if (waits[WAIT_ERR].revents != 0) take(monitor->output, STREAM_STDERR, &monitor->err);
    terminal_handle(terminal, waits + WAIT_TERMINAL);
    if (!ended && (waits[WAIT_END].revents != 0 || waits[WAIT_REPORT].revents != 0)) {
      ended = true;
      note_end(monitor, record, &deadline_ms);
    }
    if (ended && !over) over = is_over(monitor, record, deadline_ms);
    // An init that was killed has taken all with it.
    if (with_init && waits[WAIT_END].revents != 0) over = true;
  }
}

// The raw waitid(2), which has the rusage that the C library's function leaves out. The rusage is complete before the process is reaped.
static bool read_exit(pid_t pid, struct exit_record *record) {
  siginfo_t end = {0};
  if (syscall(SYS_waitid, P_PID, pid, &end, WEXITED | WNOWAIT, &record->used) < 0) return false;
  init_end(&end, &record->used);
  record->pid = end.si_pid;
  record->code = end.si_code;
  record->status = end.si_status;
  return true;
}

void monitor_run(struct monitor *monitor) {
  static struct terminal terminal;
  terminal_init(&terminal, monitor);
  struct exit_record record = {0};
  watch(monitor, &terminal, &record);
  drain(monitor->output, STREAM_STDOUT, monitor->out);
  drain(monitor->output, STREAM_STDERR, monitor->err);
  terminal_end(&terminal);
  if (read_exit(monitor->pid, &record)) exit_record_write(monitor->output, &record);
  waitid(P_PID, (id_t)monitor->pid, NULL, WEXITED);
  terminal_finish(&terminal);
}
