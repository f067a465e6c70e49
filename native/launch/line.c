// Sends notes to the launcher, in the child: must not allocate or use stdio.
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

// Steps that are done but not reported yet. Sent together, because waking the launcher takes longer than most steps.
static enum step untold[32];
static size_t untold_count;

static void tell(enum step step, int number, const char *what) {
  struct note note = {.step = (int32_t)step, .number = number};
  size_t length = strnlen(what, WHAT_MAX - 1);
  memcpy(note.what, what, length);
  // An error means that the launcher has died; die_with_launcher ends this process.
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

// Before exec this process must not outlive the launcher, as nothing would know of it. The signal covers a launcher that ends later, the poll
// of the line one that ended before.
void die_with_launcher(void) {
  struct pollfd ends = {.fd = line};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail(STEP_CHILD, "PR_SET_PDEATHSIG");
  if (poll(&ends, 1, 0) != 0) _exit(1);
}

// Polls after resetting the signal, so that only a launcher that dies between this poll and exec leaves the program running.
void live_without_launcher(void) {
  struct pollfd ends = {.fd = line};
  tell_all();
  prctl(PR_SET_PDEATHSIG, 0);
  if (poll(&ends, 1, 0) != 0) _exit(1);
}
