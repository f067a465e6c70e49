// Opens the pipes or the terminal for the program's stdin, stdout and stderr.
#define _GNU_SOURCE
#include "ends.h"
#include <fcntl.h>
#include <unistd.h>

// Only the read end is non-blocking, because programs expect a blocking stdout. The program owns the pipe, so that it can open /dev/stdout.
static bool open_pipe(int *outside, int *inside, const struct ends_plan *plan) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return false;
  *outside = ends[0];
  *inside = ends[1];
  return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && fchown(ends[1], plan->uid, plan->gid) == 0;
}

static bool open_pipes(struct ends *ends, const struct ends_plan *plan, const char **what) {
  *what = "/dev/null";
  ends->inside[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (ends->inside[0] < 0) return false;
  *what = "pipe";
  return open_pipe(&ends->out, &ends->inside[1], plan) && open_pipe(&ends->err, &ends->inside[2], plan);
}

static bool open_terminal(struct ends *ends, const struct ends_plan *plan, const char **what) {
  struct tty tty;
  *what = "pty";
  if (!tty_open(&tty, plan->size, plan->uid, plan->gid)) return false;
  ends->master = tty.master;
  for (int fd = 0; fd <= 2; fd++) ends->inside[fd] = tty.slave;
  *what = "tty.sock";
  ends->listener = tty_listen(plan->dir);
  return ends->listener >= 0;
}

bool ends_open(struct ends *ends, const struct ends_plan *plan, const char **what) {
  *ends = (struct ends){.inside = {-1, -1, -1}, .out = -1, .err = -1, .master = -1, .listener = -1};
  return plan->size == NULL ? open_pipes(ends, plan, what) : open_terminal(ends, plan, what);
}

void ends_let_go(struct ends *ends) {
  bool same = ends->inside[0] == ends->inside[1];
  for (int fd = 0; fd <= (same ? 0 : 2); fd++) close(ends->inside[fd]);
  for (int fd = 0; fd <= 2; fd++) ends->inside[fd] = -1;
}
