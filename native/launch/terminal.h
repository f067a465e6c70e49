// The monitor's side of the program's terminal: what it says is kept, and shared with who is connected to tty.sock; what they type
// reaches the program.
#pragma once
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct monitor;
struct output;

enum {
  CLIENTS_MAX = 8,
  // The most that a message carries, behind its header.
  PAYLOAD_MAX = 64 << 10,
  MESSAGE_HEADER = 8,
  // What newcomers get.
  REPLAY_MAX = 64 << 10,
  // What may be left in a pty when the program has ended: the kernel keeps 8 KiB under way and 4 KiB to be read.
  LEFT_MAX = 64 << 10,
  // What is remembered: as much as newcomers get, as much again that a client may lag behind, and room for what is left at the end.
  MEMORY = REPLAY_MAX + (64 << 10) + LEFT_MAX,
  // The master first, then the listener, then each client's place.
  TERMINAL_WAITS = 2 + CLIENTS_MAX,
};

struct client {
  // -1: the place is free.
  int fd;
  // How far it has got in all that the terminal said.
  uint64_t sent;
  // Its socket takes no more for now; it sends no more messages; its message waits for the program to read.
  bool full, silent, waits;
  // Since when the terminal waits for it, by CLOCK_MONOTONIC; 0: it does not.
  int64_t holds_since_ms;
  // Bytes of `message` that are there, and how much of the first message's payload the program has already.
  size_t got, typed;
  unsigned char message[MESSAGE_HEADER + PAYLOAD_MAX];
};

// All zero but the descriptors, which are -1 where they are not open. The big arrays take memory only as far as they were used.
struct terminal {
  struct output *output;
  int dir, master, listener;
  // How much the terminal has said in all; the last of it is in `memory`, each byte at its place modulo MEMORY.
  uint64_t said;
  char memory[MEMORY];
  struct client clients[CLIENTS_MAX];
  // Whose message the program has a part of: nobody else's may come in between. NULL: nobody's.
  struct client *typing;
  // Until when the listener is left alone because accepting failed, and the master because nobody holds its slave; 0: they are not.
  int64_t deaf_until_ms, idle_until_ms;
};

// Takes the monitor's master and listener; without them, nothing that follows does anything.
void terminal_begin(struct terminal *terminal, const struct monitor *monitor);

// What to wait for (TERMINAL_WAITS entries), and for how long at most; -1: for ever.
void terminal_waits(const struct terminal *terminal, struct pollfd *waits);
int terminal_patience_ms(const struct terminal *terminal);

// Does what the waits found.
void terminal_turn(struct terminal *terminal, const struct pollfd *waits);

// The program has ended: keeps what is left in the pty, hangs up on who still holds it, and lets nobody in any more.
void terminal_end(struct terminal *terminal);

// Lets the clients have the rest, within bounded time, and closes.
void terminal_farewell(struct terminal *terminal);
