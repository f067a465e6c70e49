// Shares no memory with the launcher, and may not allocate or use stdio.
#define _GNU_SOURCE
#include "line.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int line = -1;

void line_use(int fd) { line = fd; }

// What is done and waits to be told. Told one by one, each would wake the launcher, and on a busy machine the steps take less time than that.
static enum step untold[32];
static size_t untold_count;

static void tell(enum step step, int number, const char *what) {
  struct note note = {.step = (int32_t)step, .number = number};
  size_t length = strnlen(what, WHAT_MAX - 1);
  memcpy(note.what, what, length);
  // With the launcher gone there is nobody to tell; die_with_launcher ends this process.
  (void)!send(line, &note, offsetof(struct note, what) + length + 1, MSG_NOSIGNAL);
}

void tell_all(void) {
  for (size_t i = 0; i < untold_count; i++) tell(untold[i], 0, "");
  untold_count = 0;
}

void say(enum step step, int number, const char *what) {
  tell_all();
  tell(step, number, what);
}

void done(enum step step) {
  if (untold_count == sizeof untold / sizeof *untold) tell_all();
  untold[untold_count++] = step;
}

_Noreturn void fail(enum step step, const char *what) {
  say(step, errno, what);
  _exit(1);
}

// Until exec this process must not outlive the launcher: nobody would know of it. The kernel's signal covers a launcher that
// ends later, the look at the line one that ended before.
void die_with_launcher(void) {
  struct pollfd ends = {.fd = line};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail(STEP_CHILD, "PR_SET_PDEATHSIG");
  if (poll(&ends, 1, 0) != 0) _exit(1);
}

// Looking after letting go means that a launcher which died before takes us along; only one that dies between this look and exec
// leaves the program running.
void live_without_launcher(void) {
  struct pollfd ends = {.fd = line};
  tell_all();
  prctl(PR_SET_PDEATHSIG, 0);
  if (poll(&ends, 1, 0) != 0) _exit(1);
}
