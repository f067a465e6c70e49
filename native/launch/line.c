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

void say(enum step step, int number, const char *what) {
  struct note note = {.step = (int32_t)step, .number = number};
  size_t length = strnlen(what, WHAT_MAX - 1);
  memcpy(note.what, what, length);
  // With the launcher gone there is nobody to tell; die_with_launcher ends this process.
  (void)!send(line, &note, offsetof(struct note, what) + length + 1, MSG_NOSIGNAL);
}

void done(enum step step) { say(step, 0, ""); }

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
  prctl(PR_SET_PDEATHSIG, 0);
  if (poll(&ends, 1, 0) != 0) _exit(1);
}
