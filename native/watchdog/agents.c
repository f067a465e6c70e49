// Takes agents' messages, each answered before the agent changes anything; an invalid one disconnects its sender.
#define _GNU_SOURCE
#include "agents.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Notices of all records fit into the queue of a socket.
enum { HEADER = 4, SEND_QUEUE = 4 << 20 };

void agents_init(struct watchdog *watchdog) {
  for (size_t i = 0; i < AGENTS_MAX; i++) watchdog->agents[i].fd = -1;
}

bool agents_any(const struct watchdog *watchdog) {
  for (size_t i = 0; i < AGENTS_MAX; i++)
    if (watchdog->agents[i].fd >= 0) return true;
  return false;
}

void agents_excuse(struct watchdog *watchdog, int64_t now_ms) {
  for (size_t i = 0; i < AGENTS_MAX; i++) {
    struct agent *agent = &watchdog->agents[i];
    if (!agent->excused) agent->heard_ms = now_ms;
    agent->excused = true;
  }
}

static bool is_allowed(int fd) {
  struct ucred peer;
  socklen_t length = sizeof peer;
  return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && (peer.uid == 0 || peer.uid == geteuid());
}

bool agents_accept(struct watchdog *watchdog, int listener, int64_t now_ms) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EINTR || errno == ECONNABORTED)) continue;
    if (fd < 0) return errno == EAGAIN;
    struct agent *agent = watchdog->agents;
    while (agent < watchdog->agents + AGENTS_MAX && agent->fd >= 0) agent++;
    if (agent == watchdog->agents + AGENTS_MAX || !is_allowed(fd)) {
      close(fd);
      continue;
    }
    int queue = SEND_QUEUE;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &queue, sizeof queue);
    agent->fd = fd;
    agent->heard_ms = now_ms;
    agent->excused = false;
    agent->got = 0;
  }
}

static void disconnect(struct watchdog *watchdog, struct agent *agent, int64_t now_ms) {
  for (size_t i = 0; i < watchdog->count; i++) {
    struct record *record = watchdog->records[i];
    if (record->owner != agent->fd) continue;
    record->owner = -1;
    record->closed_ms = now_ms;
  }
  close(agent->fd);
  agent->fd = -1;
}

static struct agent *owner_of(struct watchdog *watchdog, const struct record *record) {
  for (size_t i = 0; i < AGENTS_MAX; i++)
    if (record->owner >= 0 && watchdog->agents[i].fd == record->owner) return &watchdog->agents[i];
  return NULL;
}

// Returns false for an agent that does not read, which is to be disconnected.
static bool send_fields(const struct agent *agent, char *message, size_t length) {
  uint32_t bytes = (uint32_t)(length - HEADER);
  memcpy(message, &bytes, HEADER);
  return send(agent->fd, message, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

// An agent that was silent reads it once it continues.
static bool notify(const struct agent *agent, const char *id) {
  char message[HEADER + sizeof "returned" + ID_MAX + 1];
  char *end = stpcpy(stpcpy(message + HEADER, "returned") + 1, id) + 1;
  return send_fields(agent, message, (size_t)(end - message));
}

static size_t find(const struct watchdog *watchdog, const char *id) {
  size_t i = 0;
  while (i < watchdog->count && strcmp(watchdog->records[i]->id, id) != 0) i++;
  return i;
}

static size_t size_of(const struct record *record) { return sizeof *record + record->length; }

static void drop(struct watchdog *watchdog, size_t index) {
  watchdog->bytes -= size_of(watchdog->records[index]);
  record_free(watchdog->records[index]);
  watchdog->records[index] = watchdog->records[--watchdog->count];
}

// Returns 0 or an errno.
static int set(struct watchdog *watchdog, const struct agent *agent, const char *fields, size_t length) {
  struct record *record = record_make(fields, length);
  if (record == NULL) return errno;
  size_t index = find(watchdog, record->id);
  bool is_new = index == watchdog->count;
  struct record *before = is_new ? NULL : watchdog->records[index];
  size_t bytes = watchdog->bytes + size_of(record) - (before == NULL ? 0 : size_of(before));
  int error = 0;
  if (index == RECORDS_MAX || bytes > RECORDS_BYTES) error = ENOSPC;
  // The agent does not know yet that this is being given back; an agent that takes over has no such notice to wait for.
  else if (before != NULL && before->returning_ms != 0 && before->owner == agent->fd) error = EALREADY;
  if (error != 0) return record_free(record), error;
  record->owner = agent->fd;
  record_free(before);
  watchdog->records[index] = record;
  watchdog->count += is_new;
  watchdog->bytes = bytes;
  return 0;
}

// Executes a message. Returns false if it is none.
static bool act(struct watchdog *watchdog, struct agent *agent, const char *fields, size_t length, int64_t now_ms) {
  if (length == 0 || fields[length - 1] != '\0') return false;
  const char *at = fields, *end = fields + length, *verb = next_field(&at, end), *id = next_field(&at, end);
  int error = 0;
  if (strcmp(verb, "set") == 0) error = set(watchdog, agent, fields, length);
  else if (strcmp(verb, "drop") == 0 || strcmp(verb, "return") == 0) {
    if (id == NULL) return false;
    size_t index = find(watchdog, id);
    // The record of an agent that has taken over is not this one's any more.
    if (index == watchdog->count || watchdog->records[index]->owner != agent->fd) error = ENOENT;
    else if (*verb == 'd') drop(watchdog, index);
    else if (watchdog->records[index]->returning_ms == 0) watchdog->records[index]->returning_ms = now_ms;
  } else if (strcmp(verb, "beat") != 0) return false;
  agent->heard_ms = now_ms;
  agent->excused = false;
  char answer[HEADER + 64];
  int n = snprintf(answer + HEADER, sizeof answer - HEADER, "answer%c%d%c%d", 0, error, 0, getpid());
  return send_fields(agent, answer, HEADER + (size_t)n + 1);
}

void agent_read(struct watchdog *watchdog, struct agent *agent, int64_t now_ms) {
  ssize_t n = recv(agent->fd, agent->message + agent->got, MESSAGE_MAX - agent->got, 0);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) return disconnect(watchdog, agent, now_ms);
  agent->got += (size_t)n;
  size_t at = 0;
  while (agent->got - at >= HEADER) {
    uint32_t length;
    memcpy(&length, agent->message + at, HEADER);
    if (length > MESSAGE_MAX - HEADER) return disconnect(watchdog, agent, now_ms);
    if (agent->got - at - HEADER < length) break;
    if (!act(watchdog, agent, (const char *)agent->message + at + HEADER, length, now_ms)) return disconnect(watchdog, agent, now_ms);
    at += HEADER + length;
  }
  agent->got -= at;
  memmove(agent->message, agent->message + at, agent->got);
}

int64_t records_return(struct watchdog *watchdog, int64_t now_ms, bool ending) {
  int64_t next_ms = INT64_MAX;
  for (size_t i = 0; i < watchdog->count;) {
    struct record *record = watchdog->records[i];
    struct agent *owner = owner_of(watchdog, record);
    int64_t due_ms = (owner == NULL ? record->closed_ms : owner->heard_ms) + record->deadline_ms;
    if (ending && owner == NULL) due_ms = now_ms;
    if (record->returning_ms != 0) due_ms = record->next_ms;
    if (due_ms <= now_ms) {
      if (record_return(record, now_ms)) {
        if (owner != NULL && !notify(owner, record->id)) disconnect(watchdog, owner, now_ms);
        drop(watchdog, i);
        continue;
      }
      due_ms = record->next_ms;
    }
    if (due_ms < next_ms) next_ms = due_ms;
    i++;
  }
  return next_ms;
}
