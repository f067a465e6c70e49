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
  MAX_BINDS = 64,
  MAX_LIMITS = 16,
};

// One line of /proc/<pid>/uid_map (user_namespaces(7)).
struct id_map {
  uint32_t inside, outside, count;
};

struct id_maps {
  struct id_map line[MAX_MAPS];
  size_t count;
};

struct bind {
  // On the host, and as seen inside.
  const char *source, *target;
  bool writable;
  // Whether links on the way to it are followed (host_path_of_all): never, always, or where there is one.
  enum { LINKS_NEVER, LINKS_ALWAYS, LINKS_IF_ANY } links;
};

// What RLIMIT_* is to be; RLIM_INFINITY for "max".
struct limit {
  // As it was asked for: "nofile 1024 max".
  const char *asked;
  int resource;
  uint64_t soft, hard;
};

// A setting that leaves things as they are unless it was given.
struct setting {
  bool given;
  int value;
};

// Every string points into the text that was parsed: it must outlive the request.
struct request {
  char *argv[MAX_ARGS + 1];
  size_t args;
  char *env[MAX_ENV + 1];
  size_t envs;
  const char *procs[MAX_GROUPS];
  size_t groups;
  // CLONE_NEW* flags: made anew, or with `join` those of that process.
  uint64_t namespaces;
  // A host pid, 0 for none.
  pid_t join;
  struct id_maps uid_maps, gid_maps;
  const char *cwd, *hostname, *dir;
  // Used only without a user namespace: inside one, the program is that namespace's root.
  uid_t uid;
  gid_t gid;
  bool init, go;
  // What the program sees as its root; neither: the mounts stay as they are.
  bool view_host;
  const char *rootfs;
  bool root_writable;
  const char *layer, *scratch;
  struct bind binds[MAX_BINDS];
  size_t bind_count;
  // A bit for each capability that is kept.
  uint64_t kept;
  bool may_gain_privileges, unfiltered;
  struct limit limits[MAX_LIMITS];
  size_t limit_count;
  struct setting oom_score, nice, umask;
  uint64_t output_max;
  // A terminal instead of pipes, and its size.
  bool tty, append;
  struct tty_size window;
  // From clone to exec.
  int timeout_ms;
  // The keys that came, a bit each.
  uint64_t seen;
};

// Why a request is refused, and the record it is about.
struct refusal {
  const char *message, *what;
};

// Parses `length` bytes of NUL-terminated key=value records into a zeroed request. The text is cut up where it stands.
bool request_parse(struct request *request, char *text, size_t length, struct refusal *refusal);

// Whether a record with that key came.
bool request_has(const struct request *request, const char *key);

// Whether the program gets a root of its own.
static inline bool request_has_root(const struct request *request) { return request->view_host || request->rootfs != NULL; }

// Checks what one record cannot say about itself.
bool request_consistent(const struct request *request, struct refusal *refusal);

// The id outside that `id` inside is mapped to; the request was checked to map it.
uint32_t map_outside(const struct id_maps *maps, uint32_t id);
