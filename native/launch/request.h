// A launch request, checked as a whole before anything is done.
#pragma once
#include "tty.h"
#include <sched.h>
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
  // The path on the host, and the path inside.
  const char *source, *target;
  bool writable;
  // Whether programs can be executed even where its mount on the host forbids it.
  bool executable;
  // Whether links in the source path are followed (host_path_open_to_all): never, always, or only if there is one.
  enum { LINKS_NEVER, LINKS_ALWAYS, LINKS_IF_ANY } links;
};

// A value for RLIMIT_*; RLIM_INFINITY for "max".
struct limit {
  // The text of the request: "nofile 1024 max".
  const char *asked;
  int resource;
  uint64_t soft, hard;
};

// An optional setting.
struct setting {
  bool given;
  int value;
};

// All strings point into the parsed text, which must outlive the request.
struct request {
  char *argv[MAX_ARGS + 1];
  size_t args;
  char *env[MAX_ENV + 1];
  size_t envs;
  const char *procs[MAX_GROUPS];
  size_t groups;
  // CLONE_NEW* flags of namespaces to make, or, with `join`, to enter.
  uint64_t namespaces;
  // A host pid, 0 for none.
  pid_t join;
  struct id_maps uid_maps, gid_maps;
  const char *cwd, *hostname, *dir;
  // Only without a user namespace, in which the program would be root.
  uid_t uid;
  gid_t gid;
  // With a user namespace: names or numbers of another user and group than its root; NULL for none.
  const char *user, *group;
  bool init, go;
  // The program's root: the host's, or a directory; if neither, the mounts stay as they are.
  bool view_host;
  const char *rootfs;
  bool root_writable;
  const char *layer, *scratch;
  // A place for a new file system that is the home directory.
  const char *home;
  // Sizes of /tmp and /dev/shm.
  uint64_t tmp_bytes, shm_bytes;
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
  // For what the program leaves in its group: from SIGTERM to its end; 0: no SIGTERM.
  int grace_ms;
  // A bit for each key of the request.
  uint64_t seen;
};

// Why a request is refused, and the record concerned.
struct refusal {
  const char *message, *what;
};

// Parses `length` bytes of NUL-terminated key=value records into a zeroed request, which points into the text.
bool request_parse(struct request *request, char *text, size_t length, struct refusal *refusal);

// Whether the request has that key.
bool request_has(const struct request *request, const char *key);

// Whether the program gets a root of its own.
static inline bool request_has_root(const struct request *request) { return request->view_host || request->rootfs != NULL; }

// Checks the records against each other.
bool request_consistent(const struct request *request, struct refusal *refusal);

// The program's ids as it sees them.
static inline uid_t request_uid(const struct request *request) { return request->namespaces & CLONE_NEWUSER ? 0 : request->uid; }
static inline gid_t request_gid(const struct request *request) { return request->namespaces & CLONE_NEWUSER ? 0 : request->gid; }

// The id outside to which `id` inside is mapped; NO_ID if none.
uint32_t map_outside(const struct id_maps *maps, uint32_t id);
