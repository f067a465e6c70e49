// A pseudoterminal for the program, and the socket for its clients.
#pragma once
#include <stdbool.h>
#include <sys/types.h>

struct tty {
  // Close-on-exec; the master is non-blocking.
  int master, slave;
};

struct tty_size {
  unsigned short columns, rows;
};

// Opens a pty on the devpts at /dev/pts, whose slave these ids own. On failure errno is set.
bool tty_open(struct tty *tty, const struct tty_size *size, uid_t uid, gid_t gid);

// Makes descriptor 0 the controlling terminal of the new process, a session leader. On failure errno is set.
bool tty_control(void);

// Binds `tty.sock` in the directory and listens. Returns the socket, -1 with errno set on failure.
int tty_listen(int dir);
