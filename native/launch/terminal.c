// Copies the terminal's output to memory and to the output files; clients read it at their own speed, and delay the program only briefly.
#define _GNU_SOURCE
#include "terminal.h"
#include "clients.h"
#include "clock.h"
#include "monitor.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The most that a pty returns in one read.
enum { CHUNK = 4 << 10 };
// How many unread bytes a client may have, so that neither the next chunk nor the rest at the end overwrites them.
enum { LAG_MAX = MEMORY - LEFT_MAX - CHUNK };
// How long a client that does not read may delay the program, and how long such a client is waited for at the end.
enum { SLOW_MS = 2000 };
// How often to check whether a program that closed its terminal has opened it again, for which the kernel has no event.
enum { READ_PAUSE_MS = 1000 };
// How long a program has for noticing another size of its window.
enum { REDRAW_MS = 100 };

void terminal_init(struct terminal *terminal, const struct monitor *monitor) {
  terminal->output = monitor->output;
  terminal->dir = monitor->output->dir;
  terminal->master = monitor->master;
  terminal->listener = monitor->listener;
  for (size_t i = 0; i < CLIENTS_MAX; i++) terminal->clients[i] = (struct client){.fd = -1, .message = terminal->messages[i]};
}

static bool lags(const struct terminal *terminal, const struct client *client) {
  return client->fd >= 0 && terminal->total - client->sent > LAG_MAX;
}

static bool is_paused(const struct terminal *terminal) {
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    if (lags(terminal, &terminal->clients[i])) return true;
  }
  return false;
}

static bool input_waits(const struct terminal *terminal) {
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    if (terminal->clients[i].fd >= 0 && terminal->clients[i].waits) return true;
  }
  return false;
}

void terminal_waits(const struct terminal *terminal, struct pollfd *waits) {
  short master = (short)((is_paused(terminal) ? 0 : POLLIN) | (input_waits(terminal) ? POLLOUT : 0));
  // Polled only if needed: the kernel always reports a hangup, which would return at once while nothing may be read.
  bool polls_program = master != 0 && terminal->read_after_ms == 0;
  waits[0] = (struct pollfd){.fd = polls_program ? terminal->master : -1, .events = master};
  waits[1] = (struct pollfd){.fd = terminal->accept_after_ms != 0 ? -1 : terminal->listener, .events = POLLIN};
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    const struct client *client = &terminal->clients[i];
    bool reads = !client->no_input && !client->waits;
    waits[2 + i] = (struct pollfd){.fd = client->fd, .events = (short)((reads ? POLLIN : 0) | (client->full ? POLLOUT : 0))};
  }
}

// The earlier of two times, of which 0 is none.
static int64_t earlier(int64_t one, int64_t other) { return one == 0 || (other != 0 && other < one) ? other : one; }

int terminal_timeout_ms(const struct terminal *terminal) {
  int64_t first = earlier(earlier(terminal->accept_after_ms, terminal->read_after_ms), terminal->size_due_ms);
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    const struct client *client = &terminal->clients[i];
    if (client->fd >= 0 && client->slow_since_ms != 0) first = earlier(first, client->slow_since_ms + SLOW_MS);
  }
  if (first == 0) return -1;
  int64_t left = first - now_ms();
  return left > 0 ? (int)left : 0;
}

static void store(struct terminal *terminal, const char *bytes, size_t length) {
  size_t at = (size_t)(terminal->total % MEMORY);
  size_t first = length < MEMORY - at ? length : MEMORY - at;
  memcpy(terminal->memory + at, bytes, first);
  memcpy(terminal->memory, bytes + first, length - first);
  terminal->total += length;
  uint64_t replayed = terminal->total < REPLAY_MAX ? 0 : terminal->total - REPLAY_MAX;
  terminal_reread(terminal, terminal->screen_at, replayed, &terminal->screen);
  terminal->screen_at = replayed;
}

void terminal_reread(const struct terminal *terminal, uint64_t from, uint64_t to, struct screen *screen) {
  while (from < to) {
    size_t at = (size_t)(from % MEMORY), length = (size_t)(to - from);
    if (length > MEMORY - at) length = MEMORY - at;
    screen_read(screen, terminal->memory + at, length);
    from += length;
  }
}

// The kernel signals a change only (SIGWINCH), and a program may look at the size after both: so the old one returns a moment later.
void terminal_redraw(struct terminal *terminal) {
  struct winsize size;
  if (terminal->master < 0 || terminal->size_due_ms != 0 || ioctl(terminal->master, TIOCGWINSZ, &size) < 0) return;
  struct winsize other = size;
  if (other.ws_row > 1) other.ws_row--;
  else other.ws_row++;
  if (ioctl(terminal->master, TIOCSWINSZ, &other) < 0) return;
  terminal->size = size;
  terminal->size_due_ms = now_ms() + REDRAW_MS;
}

void terminal_resize(struct terminal *terminal, struct winsize size) {
  terminal->size = size;
  if (terminal->size_due_ms == 0 && terminal->master >= 0) ioctl(terminal->master, TIOCSWINSZ, &size);
}

// Reads one chunk. Returns its length, 0 if there is none at present. EIO means that no process has the slave open. The master stays open even
// then, because closing it would send SIGHUP to a program that may continue without its terminal.
static size_t read_program(struct terminal *terminal) {
  char chunk[CHUNK];
  ssize_t n = TEMP_FAILURE_RETRY(read(terminal->master, chunk, sizeof chunk));
  if (n < 0 && errno == EAGAIN) return 0;
  if (n <= 0) {
    terminal->read_after_ms = now_ms() + READ_PAUSE_MS;
    return 0;
  }
  output_write(terminal->output, STREAM_TERMINAL, chunk, (size_t)n);
  store(terminal, chunk, (size_t)n);
  return (size_t)n;
}

static void disconnect_slow(struct terminal *terminal) {
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    struct client *client = &terminal->clients[i];
    if (!lags(terminal, client)) client->slow_since_ms = 0;
    else if (client->slow_since_ms == 0) client->slow_since_ms = now_ms();
    else if (now_ms() - client->slow_since_ms >= SLOW_MS) client_disconnect(terminal, client);
  }
}

// Reads messages first, so that input counts even if the client closes right after it. Input still waiting then is lost.
static void serve(struct terminal *terminal, struct client *client, short found) {
  if (found & POLLOUT) client->full = false;
  if (found & (POLLIN | POLLHUP)) client_read(terminal, client);
  if (client->fd >= 0 && (found & (POLLHUP | POLLERR | POLLNVAL))) client_disconnect(terminal, client);
}

void terminal_handle(struct terminal *terminal, const struct pollfd *waits) {
  // Clients before the listener, because the events found are not those of a client accepted now.
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    if (terminal->clients[i].fd >= 0 && waits[2 + i].revents != 0) serve(terminal, &terminal->clients[i], waits[2 + i].revents);
  }
  if (waits[0].revents & (POLLIN | POLLHUP | POLLERR) && !is_paused(terminal)) read_program(terminal);
  if (waits[0].revents != 0) clients_write_input(terminal);
  for (size_t i = 0; i < CLIENTS_MAX; i++) client_send(terminal, &terminal->clients[i]);
  disconnect_slow(terminal);
  if (waits[1].revents != 0) clients_accept(terminal);
  int64_t now = now_ms();
  if (now >= terminal->accept_after_ms) terminal->accept_after_ms = 0;
  if (now >= terminal->read_after_ms) terminal->read_after_ms = 0;
  if (terminal->size_due_ms != 0 && now >= terminal->size_due_ms) {
    terminal->size_due_ms = 0;
    terminal_resize(terminal, terminal->size);
  }
}

void terminal_end(struct terminal *terminal) {
  if (terminal->master < 0) return;
  for (size_t left = LEFT_MAX - CHUNK, n; (n = read_program(terminal)) > 0 && n <= left; ) left -= n;
  close(terminal->master);
  terminal->master = -1;
  // Clients that are already connecting still get the last output.
  unlinkat(terminal->dir, "tty.sock", 0);
  clients_accept(terminal);
  close(terminal->listener);
  terminal->listener = -1;
}

// Waits until a client's full socket accepts more or the client has gone. Returns false if no client is left or the deadline has passed.
static bool wait_for_clients(struct terminal *terminal, int64_t deadline_ms) {
  struct pollfd waits[CLIENTS_MAX];
  bool any = false;
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    const struct client *client = &terminal->clients[i];
    waits[i] = (struct pollfd){.fd = client->fd, .events = POLLOUT};
    any |= client->fd >= 0;
  }
  int64_t left = deadline_ms - now_ms();
  if (!any || left <= 0) return false;
  if (poll(waits, CLIENTS_MAX, (int)left) <= 0) return true;
  for (size_t i = 0; i < CLIENTS_MAX; i++) {
    if (waits[i].revents & POLLOUT) terminal->clients[i].full = false;
    if (waits[i].revents & (POLLHUP | POLLERR | POLLNVAL)) client_disconnect(terminal, &terminal->clients[i]);
  }
  return true;
}

// Reads and discards late input, because unread input would turn the end of the stream into a connection reset. After the shutdown no more
// can arrive.
static void finish_client(struct terminal *terminal, struct client *client) {
  shutdown(client->fd, SHUT_RDWR);
  while (recv(client->fd, client->message, MESSAGE_MAX, 0) > 0) {}
  client_disconnect(terminal, client);
}

void terminal_finish(struct terminal *terminal) {
  int64_t deadline_ms = now_ms() + SLOW_MS;
  do {
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
      struct client *client = &terminal->clients[i];
      client_send(terminal, client);
      if (client->fd >= 0 && client->sent == terminal->total) finish_client(terminal, client);
    }
  } while (wait_for_clients(terminal, deadline_ms));
}
