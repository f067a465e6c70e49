// Parses clients' messages strictly: a message takes effect once it is complete, and an invalid one disconnects its sender.
#define _GNU_SOURCE
#include "clients.h"
#include "clock.h"
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// How long accepting pauses when the system lacks a resource, since retrying at once would use a whole CPU.
enum { ACCEPT_PAUSE_MS = 1000 };
// A short socket queue shows sooner how much a client has read (the kernel doubles it, socket(7)).
enum { SEND_QUEUE = 16 << 10 };

static struct client *free_place(struct terminal *terminal) {
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    if (terminal->clients[i].fd < 0) return &terminal->clients[i];
  }
  return NULL;
}

// Sends a new client what the replay begins with: a message with the length of the earlier output, of which the first bytes restore what
// the output before it has set. A replay that is cut begins between two characters and sequences.
static void send_replay(struct terminal *terminal, struct client *client) {
  char first[MESSAGE_HEADER + RESTORE_MAX] = {'k'};
  struct screen screen = terminal->screen;
  for (client->sent = terminal->screen_at; !screen_is_between(&screen) && client->sent < terminal->total; client->sent++)
    terminal_reread(terminal, client->sent, client->sent + 1, &screen);
  size_t restoring = screen_restore(&screen, first + MESSAGE_HEADER);
  uint32_t length = (uint32_t)(restoring + (terminal->total - client->sent));
  for (size_t i = 0; i < sizeof length; i++) first[4 + i] = (char)(length >> (8 * i));
  // A new socket accepts all of it, or the client has gone.
  size_t bytes = MESSAGE_HEADER + restoring;
  if (send(client->fd, first, bytes, MSG_NOSIGNAL) != (ssize_t)bytes) return client_disconnect(terminal, client);
  // What a program that uses the whole window has written before is lost: only the program can redraw it.
  terminal_reread(terminal, client->sent, terminal->total, &screen);
  if (terminal->screen_at > 0 && screen_is_alternate(&screen)) terminal_redraw(terminal);
}

void clients_accept(struct terminal *terminal) {
  for (;;) {
    int fd = accept4(terminal->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0) {
      if (errno != EAGAIN) terminal->accept_after_ms = now_ms() + ACCEPT_PAUSE_MS;
      return;
    }
    struct client *client = free_place(terminal);
    if (client == NULL) {
      close(fd);
      continue;
    }
    int queue = SEND_QUEUE;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &queue, sizeof queue);
    client->fd = fd;
    client->full = client->no_input = client->waits = false;
    client->slow_since_ms = 0;
    client->got = client->written = 0;
    send_replay(terminal, client);
    client_send(terminal, client);
  }
}

void client_disconnect(struct terminal *terminal, struct client *client) {
  close(client->fd);
  client->fd = -1;
  if (terminal->writer == client) terminal->writer = NULL;
}

void client_send(struct terminal *terminal, struct client *client) {
  while (client->fd >= 0 && !client->full && client->sent < terminal->total) {
    size_t at = (size_t)(client->sent % MEMORY);
    size_t length = (size_t)(terminal->total - client->sent);
    if (length > MEMORY - at) length = MEMORY - at;
    ssize_t n = send(client->fd, terminal->memory + at, length, MSG_NOSIGNAL);
    if (n >= 0) client->sent += (uint64_t)n;
    else if (errno == EAGAIN) client->full = true;
    else if (errno != EINTR) client_disconnect(terminal, client);
  }
}

// Writes payload to the program's input. Returns whether all was written. Input after the program has closed its terminal is dropped.
static bool write_input(struct terminal *terminal, struct client *client, const unsigned char *payload, size_t length) {
  if (terminal->writer != NULL && terminal->writer != client) return false;
  while (client->written < length && terminal->master >= 0) {
    ssize_t n = write(terminal->master, payload + client->written, length - client->written);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno != EAGAIN) break;
    if (n <= 0) {
      terminal->writer = client->written > 0 ? client : NULL;
      return false;
    }
    client->written += (size_t)n;
  }
  client->written = 0;
  terminal->writer = NULL;
  return true;
}

static uint32_t number(const unsigned char *at, size_t bytes) {
  uint32_t value = 0;
  while (bytes-- > 0) value = value << 8 | at[bytes];
  return value;
}

// The kernel signals the foreground process group (SIGWINCH). Zero means an unknown size, which no window has.
static bool resize(struct terminal *terminal, const unsigned char *payload) {
  struct winsize size = {.ws_col = (unsigned short)number(payload, 2), .ws_row = (unsigned short)number(payload + 2, 2)};
  if (size.ws_col == 0 || size.ws_row == 0) return false;
  terminal_resize(terminal, size);
  return true;
}

static bool is_message(const unsigned char *header) {
  uint32_t length = number(header + 4, 4);
  if (header[1] != 0 || header[2] != 0 || header[3] != 0) return false;
  return header[0] == 'i' ? length <= PAYLOAD_MAX : header[0] == 'w' && length == 4;
}

// Executes complete messages in order, up to the first whose input the program's terminal has no room for.
static void act(struct terminal *terminal, struct client *client) {
  size_t at = 0;
  client->waits = false;
  while (client->got - at >= MESSAGE_HEADER) {
    const unsigned char *header = client->message + at, *payload = header + MESSAGE_HEADER;
    if (!is_message(header)) return client_disconnect(terminal, client);
    size_t length = number(header + 4, 4);
    if (client->got - at < MESSAGE_HEADER + length) break;
    if (header[0] == 'w' && !resize(terminal, payload)) return client_disconnect(terminal, client);
    if (header[0] == 'i' && !write_input(terminal, client, payload, length)) {
      client->waits = true;
      break;
    }
    at += MESSAGE_HEADER + length;
  }
  client->got -= at;
  if (at > 0) memmove(client->message, client->message + at, client->got);
}

void client_read(struct terminal *terminal, struct client *client) {
  while (client->fd >= 0 && !client->no_input && client->got < MESSAGE_MAX) {
    ssize_t n = recv(client->fd, client->message + client->got, MESSAGE_MAX - client->got, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return client_disconnect(terminal, client);
    if (n == 0) {
      client->no_input = true;
      // An incomplete message.
      if (client->got > 0 && !client->waits) client_disconnect(terminal, client);
      return;
    }
    client->got += (size_t)n;
    act(terminal, client);
    if (client->waits) return;
  }
}

void clients_write_input(struct terminal *terminal) {
  if (terminal->writer != NULL) act(terminal, terminal->writer);
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    if (terminal->clients[i].fd >= 0 && terminal->clients[i].waits) act(terminal, &terminal->clients[i]);
  }
}
