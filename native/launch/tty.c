// Opens a pty: on the program's own devpts, so that its name is valid inside (ttyname(3)), or on the host's for a program without own mounts.
#define _GNU_SOURCE
#include "tty.h"
#include "descriptor.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
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

// Of a program that is joined, which may have changed its mounts, anything could be at the path.
static int open_master(void) {
  // O_NOCTTY: the launcher leads a session, and the pty would become its controlling terminal.
  struct open_how how = {.flags = O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK, .resolve = RESOLVE_NO_SYMLINKS};
  struct stat found;
  int master = (int)syscall(SYS_openat2, AT_FDCWD, "/dev/pts/ptmx", &how, sizeof how);
  // Where that may not be opened (ptmxmode=000), /dev/ptmx is no link but a device of its own.
  if (master < 0) master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0) return -1;
  if (fstat(master, &found) == 0 && S_ISCHR(found.st_mode) && found.st_rdev == makedev(5, 2)) return master;
  close(master);
  errno = ENODEV;
  return -1;
}

bool tty_open(struct tty *tty, const struct tty_size *size, uid_t uid, gid_t gid) {
  tty->master = open_master();
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
