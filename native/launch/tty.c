// Opens a pty on the host, before the program has its own mounts. The program uses the slave by descriptor, but its own devpts does not have
// the name, so ttyname(3) fails inside.
#define _GNU_SOURCE
#include "tty.h"
#include "descriptor.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

// Clients that may wait to be accepted.
enum { BACKLOG = 128 };

static bool prepare(int slave, const struct tty_size *size, uid_t uid, gid_t gid) {
  struct winsize window = {.ws_col = size->columns, .ws_row = size->rows};
  struct termios settings;
  if (tcgetattr(slave, &settings) < 0) return false;
  // Backspace erases a whole UTF-8 character.
  settings.c_iflag |= IUTF8;
  return tcsetattr(slave, TCSANOW, &settings) == 0 && ioctl(slave, TIOCSWINSZ, &window) == 0 && fchown(slave, uid, gid) == 0 &&
    fchmod(slave, 0600) == 0;
}

bool tty_open(struct tty *tty, const struct tty_size *size, uid_t uid, gid_t gid) {
  // O_NOCTTY: the launcher leads a session, and the pty would become its controlling terminal.
  tty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (tty->master < 0) return false;
  // By the master, not by name, so that no other mount can interfere (ioctl_tty(2)).
  tty->slave = unlockpt(tty->master) < 0 ? -1 : ioctl(tty->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  return tty->slave >= 0 && prepare(tty->slave, size, uid, gid);
}

bool tty_control(void) { return ioctl(0, TIOCSCTTY, 0) == 0; }

int tty_listen(int dir) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  // Through the descriptor, because the directory's path may be too long for an address.
  snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/tty.sock", dir);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener < 0) return -1;
  // By umask, so that the socket never has a wider mode.
  mode_t usual = umask(0177);
  bool bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0;
  umask(usual);
  if (bound && listen(listener, BACKLOG) == 0) return listener;
  close_keeping_errno(listener);
  return -1;
}
