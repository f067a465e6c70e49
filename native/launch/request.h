// A launch request: what the caller wants run, checked as a whole before anything is done.
#pragma once
#include "tty.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
  REQUEST_MAX = 4 << 20,
  MAX_ARGS = 4096,
  MAX_ENV = 4096,
  MAX_GROUPS = 64,
  MAX_MAPS = 16,
};

// One line of /proc/<pid>/uid_map (user_namespaces(7)).
struct id_map {
  uint32_t inside, outside, count;
};

struct id_maps {
  struct id_map line[MAX_MAPS];
  size_t count;
};

// Every string points into the text that was parsed: it must outlive the request.
struct request {
  char *argv[MAX_ARGS + 1];
  size_t args;
  char *env[MAX_ENV + 1];
  size_t envs;
  const char *procs[MAX_GROUPS];
  size_t groups;
  // CLONE_NEW* flags.
  uint64_t namespaces;
  struct id_maps uid_maps, gid_maps;
  const char *cwd, *hostname, *dir;
  // Used only without a user namespace: inside one, the program is that namespace's root.
  uid_t uid;
  gid_t gid;
  uint64_t output_max;
  // A terminal instead of pipes, and its size.
  bool tty;
  struct tty_size window;
  // From clone to exec.
  int timeout_ms;
  // The keys that came, a bit each.
  uint32_t seen;
};

// Why a request is refused, and the record it is about.
struct refusal {
  const char *message, *what;
};

// Parses `length` bytes of NUL-terminated key=value records into a zeroed request. The text is cut up where it stands.
bool request_parse(struct request *request, char *text, size_t length, struct refusal *refusal);

// The id outside that `id` inside is mapped to; the request was checked to map it.
uint32_t map_outside(const struct id_maps *maps, uint32_t id);
