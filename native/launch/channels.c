// Opens the pipes or the terminal for the program's stdin, stdout and stderr, and the socket pairs to its set-up.
#define _GNU_SOURCE
#include "channels.h"
#include "join.h"
#include "line.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

// The program's ids on the host.
struct owner {
  uid_t uid;
  gid_t gid;
};

// Only the read end is non-blocking, because programs expect a blocking stdout. The program owns the pipe, so that it can open /dev/stdout.
static bool open_pipe(int *outside, int *inside, const struct owner *owner) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return false;
  *outside = ends[0];
  *inside = ends[1];
  return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && fchown(ends[1], owner->uid, owner->gid) == 0;
}

static bool open_pipes(struct channels *channels, const struct owner *owner, const char **what) {
  *what = "/dev/null";
  channels->inside[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (channels->inside[0] < 0) return false;
  *what = "pipe";
  return open_pipe(&channels->out, &channels->inside[1], owner) && open_pipe(&channels->err, &channels->inside[2], owner);
}

// A root has a devpts of its own, and one that is joined has it too. The host's is used where its program has unmounted it, or may open no device.
static bool open_terminal(struct channels *channels, const struct request *request, const struct owner *owner, int dir, const char **what) {
  struct tty tty;
  *what = "pty";
  if (tty_open(&tty, &request->window, owner->uid, owner->gid)) {
    channels->master = tty.master;
    for (int fd = 0; fd <= 2; fd++) channels->inside[fd] = tty.slave;
  } else if (!request_has_root(request)) {
    return false;
  }
  *what = "tty.sock";
  channels->listener = tty_listen(dir);
  return channels->listener >= 0;
}

// With an init, two processes report on the line, and the launcher must know which one does.
static bool open_pairs(struct channels *channels, bool init) {
  int on = 1;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channels->line) < 0) return false;
  return !init || (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channels->report) == 0 &&
                   setsockopt(channels->line[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0);
}

bool channels_open(struct channels *channels, const struct request *request, int dir, const char **what) {
  struct owner owner;
  *channels = (struct channels){{-1, -1, -1}, .out = -1, .err = -1, .master = -1, .listener = -1, .line = {-1, -1}, .report = {-1, -1}};
  *what = "descriptors";
  if (!open_pairs(channels, request->init)) return false;
  join_outside_ids(request, &owner.uid, &owner.gid);
  return request->tty ? open_terminal(channels, request, &owner, dir, what) : open_pipes(channels, &owner, what);
}

void channels_open_inside(const struct channels *channels, const struct request *request, int inside[3]) {
  bool host = channels->inside[0] >= 0, own_mounts = request_has_root(request) || (request->join != 0 && (request->namespaces & CLONE_NEWNS));
  struct tty tty;
  for (int fd = 0; fd <= 2; fd++) inside[fd] = channels->inside[fd];
  if (!request->tty || !own_mounts) return;
  bool opened = tty_open(&tty, &request->window, request_uid(request), request_gid(request));
  if (!opened && !host) fail(STEP_STDIO, "/dev/pts/ptmx");
  if (!opened) return;
  done_with_master(STEP_STDIO, tty.master);
  for (int fd = 0; fd <= 2; fd++) inside[fd] = tty.slave;
}

void channels_take_master(struct channels *channels, int master) {
  if (channels->master >= 0) close(channels->master);
  channels->master = master;
}

void channels_close_inside(struct channels *channels) {
  bool same = channels->inside[0] == channels->inside[1];
  for (int fd = 0; fd <= (same ? 0 : 2); fd++) close(channels->inside[fd]);
  for (int fd = 0; fd <= 2; fd++) channels->inside[fd] = -1;
  close(channels->line[1]);
  if (channels->report[1] >= 0) close(channels->report[1]);
}
