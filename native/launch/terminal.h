// The monitor's side of the program's terminal: stores its output, sends it to the clients of tty.sock, and passes their input on.
#pragma once
#include "screen.h"
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/types.h>

struct monitor;
struct output;

enum {
  // As many as the agent opens (MAX_TERMINAL_LINKS in server/link/bounds.ts).
  CLIENTS_MAX = 64,
  // The longest payload of a message.
  PAYLOAD_MAX = 64 << 10,
  MESSAGE_HEADER = 8,
  MESSAGE_MAX = MESSAGE_HEADER + PAYLOAD_MAX,
  // The most earlier output that a new client gets.
  REPLAY_MAX = 64 << 10,
  // The most that may be left in a pty at the program's end; the kernel buffers 8 KiB in transit and 4 KiB to be read.
  LEFT_MAX = 64 << 10,
  // The stored output: what new clients get, what a client may lag behind, and room for the rest at the end.
  MEMORY = REPLAY_MAX + (64 << 10) + LEFT_MAX,
  // The master first, then the listener, then each client's place.
  TERMINAL_WAITS = 2 + CLIENTS_MAX,
};

struct client {
  // -1: the place is free.
  int fd;
  // How many bytes of the whole output it has been sent.
  uint64_t sent;
  // Its socket is full; it sends no more messages; its message waits until the program reads.
  bool full, no_input, waits;
  // Since when it delays the terminal, by now_ms; 0: it does not.
  int64_t slow_since_ms;
  // The bytes received in `message` (MESSAGE_MAX long), and how many of the first message's payload were written to the program.
  size_t got, written;
  unsigned char *message;
};

// All zero except the descriptors, which are -1 if not open. The big arrays use memory only where they were written.
struct terminal {
  struct output *output;
  int dir, master, listener;
  // The bytes of the whole output; the last of them are in `memory`, each at its position modulo MEMORY.
  uint64_t total;
  char memory[MEMORY];
  // What all output before the last REPLAY_MAX bytes has set, and how many bytes those are.
  struct screen screen;
  uint64_t screen_at;
  struct client clients[CLIENTS_MAX];
  unsigned char messages[CLIENTS_MAX][MESSAGE_MAX];
  // The client whose message is written in part, so that no other input may come in between; NULL: none.
  struct client *writer;
  // Until when the listener is not polled, because accepting failed, and the master, because no process has the slave open; 0: polled.
  int64_t accept_after_ms, read_after_ms;
  // The size to return to at that time, after another one has made the program redraw; 0: none.
  struct winsize size;
  int64_t size_due_ms;
};

// Takes the monitor's master and listener. Without them, the functions below do nothing.
void terminal_init(struct terminal *terminal, const struct monitor *monitor);

// The events to wait for (TERMINAL_WAITS entries), and the longest wait; -1: without limit.
void terminal_waits(const struct terminal *terminal, struct pollfd *waits);
int terminal_timeout_ms(const struct terminal *terminal);

// Reads a part of the output that is in memory.
void terminal_reread(const struct terminal *terminal, uint64_t from, uint64_t to, struct screen *screen);

// Makes the program redraw its window.
void terminal_redraw(struct terminal *terminal);
void terminal_resize(struct terminal *terminal, struct winsize size);

// Handles the events that were found.
void terminal_handle(struct terminal *terminal, const struct pollfd *waits);

// After the program's end: stores the rest in the pty, closes it, and accepts no more clients.
void terminal_end(struct terminal *terminal);

// Sends clients the rest within a limited time, and closes them.
void terminal_finish(struct terminal *terminal);
