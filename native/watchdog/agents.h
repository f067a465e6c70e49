// The connections of agents, and the records that they have set.
#pragma once
#include "record.h"
#include <poll.h>

// More than one agent is connected while a new one takes over.
enum { AGENTS_MAX = 4, MESSAGE_MAX = 12 << 10, RECORDS_MAX = 1024, RECORDS_BYTES = 320 << 10 };

struct agent {
  // -1: this place is free.
  int fd;
  // Of its last whole message.
  int64_t heard_ms;
  // It was excused for a silence in which this process did not run either.
  bool excused;
  size_t got;
  unsigned char message[MESSAGE_MAX];
};

struct watchdog {
  struct agent agents[AGENTS_MAX];
  size_t count, bytes;
  struct record *records[RECORDS_MAX];
};

void agents_init(struct watchdog *watchdog);
// The listener accepts nothing at present for lack of a resource if this returns false.
bool agents_accept(struct watchdog *watchdog, int listener, int64_t now_ms);
void agent_read(struct watchdog *watchdog, struct agent *agent, int64_t now_ms);
bool agents_any(const struct watchdog *watchdog);
// This process did not run when it should have: the agents' messages may be late for the same reason.
void agents_excuse(struct watchdog *watchdog, int64_t now_ms);

// Gives back what is due. `ending`: also at once what has no agent. Returns when it is to be called again, INT64_MAX: not until a message.
int64_t records_return(struct watchdog *watchdog, int64_t now_ms, bool ending);
