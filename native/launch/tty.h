// A pseudo-terminal for the program, and the socket by which others look at it.
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

// Opens a pty whose slave belongs to the ids, on the devpts of whoever calls. On failure errno is set.
bool tty_open(struct tty *tty, const struct tty_size *size, uid_t uid, gid_t gid);

// In the new process, the leader of a session without a terminal: makes descriptor 0 its controlling terminal. On failure errno is set.
bool tty_control(void);

// Binds `tty.sock` in the directory and listens. Returns the socket, -1 with errno set on failure.
int tty_listen(int dir);
