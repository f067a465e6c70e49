// Parses a launch request, without any effect on the system, and refuses an invalid one with the reason.
#define _GNU_SOURCE
#include "request.h"
#include "request-binds.h"
#include "values.h"
#include <limits.h>
#include <string.h>

static const char *take_arg(struct request *request, char *value) {
  if (request->args == MAX_ARGS) return "too many arguments";
  request->argv[request->args++] = value;
  return NULL;
}

static const char *take_env(struct request *request, char *value) {
  if (value[0] == '=' || strchr(value, '=') == NULL) return "not a variable as NAME=value";
  if (request->envs == MAX_ENV) return "too many variables";
  request->env[request->envs++] = value;
  return NULL;
}

static const char *take_procs(struct request *request, char *value) {
  if (value[0] != '/') return "not an absolute path";
  if (request->groups == MAX_GROUPS) return "too many groups";
  request->procs[request->groups++] = value;
  return NULL;
}

static const char *take_namespace(struct request *request, char *value) { return value_namespace(&request->namespaces, value); }
static const char *take_uid_map(struct request *request, char *value) { return value_map(&request->uid_maps, value); }
static const char *take_gid_map(struct request *request, char *value) { return value_map(&request->gid_maps, value); }
static const char *take_uid(struct request *request, char *value) { return value_id(&request->uid, value); }
static const char *take_gid(struct request *request, char *value) { return value_id(&request->gid, value); }
static const char *take_user(struct request *request, char *value) { return value_name(&request->user, value); }
static const char *take_group(struct request *request, char *value) { return value_name(&request->group, value); }
static const char *take_cwd(struct request *request, char *value) { return value_path(&request->cwd, value); }
static const char *take_dir(struct request *request, char *value) { return value_path(&request->dir, value); }

static const char *take_join(struct request *request, char *value) {
  uint64_t parsed;
  if (value_number(value, '\0', 1, INT_MAX, &parsed) == NULL) return "not a pid";
  request->join = (pid_t)parsed;
  return NULL;
}

static const char *take_hostname(struct request *request, char *value) {
  if (value[0] == '\0' || strlen(value) > 64) return "not a host name of 1 to 64 characters";
  request->hostname = value;
  return NULL;
}

static const char *take_init(struct request *request, char *value) { return value_switch(&request->init, value); }
static const char *take_go(struct request *request, char *value) { return value_switch(&request->go, value); }

static const char *take_view(struct request *request, char *value) {
  if (strcmp(value, "host") != 0) return "not a view: host";
  request->view_host = true;
  return NULL;
}

static const char *take_rootfs(struct request *request, char *value) { return value_path(&request->rootfs, value); }
static const char *take_root_writable(struct request *request, char *value) { return value_switch(&request->root_writable, value); }
static const char *take_layer(struct request *request, char *value) { return value_path(&request->layer, value); }
static const char *take_scratch(struct request *request, char *value) { return value_path(&request->scratch, value); }

// As much as a machine may have; a size below a page would be none.
static const char *take_size(uint64_t *bytes, const char *value) {
  return value_number(value, '\0', 4096, UINT64_C(1) << 46, bytes) ? NULL : "not a number of bytes from 4096 to 70368744177664";
}

static const char *take_tmp_size(struct request *request, char *value) { return take_size(&request->tmp_bytes, value); }
static const char *take_shm_size(struct request *request, char *value) { return take_size(&request->shm_bytes, value); }

static const char *take_home(struct request *request, char *value) { return bind_target(&request->home, value); }

static const char *take_capability(struct request *request, char *value) { return value_capability(&request->kept, value); }

static const char *take_no_new_privileges(struct request *request, char *value) {
  if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0) return "neither 0 nor 1";
  request->may_gain_privileges = value[0] == '0';
  return NULL;
}

static const char *take_seccomp(struct request *request, char *value) {
  request->unfiltered = strcmp(value, "none") == 0;
  return request->unfiltered || strcmp(value, "default") == 0 ? NULL : "neither default nor none";
}

static const char *take_limit(struct request *request, char *value) {
  struct limit limit;
  const char *why = value_limit(&limit, value);
  if (why != NULL) return why;
  for (size_t i = 0; i < request->limit_count; i++) {
    if (request->limits[i].resource == limit.resource) return "given twice";
  }
  request->limits[request->limit_count++] = limit;
  return NULL;
}

static const char *take_oom_score(struct request *request, char *value) {
  return value_signed(&request->oom_score, value, -1000, 1000, "not a number from -1000 to 1000");
}

static const char *take_nice(struct request *request, char *value) {
  return value_signed(&request->nice, value, -20, 19, "not a number from -20 to 19");
}

static const char *take_umask(struct request *request, char *value) { return value_umask(&request->umask, value); }

// A file must have room for a chunk's header and some bytes.
static const char *take_output_max(struct request *request, char *value) {
  return value_number(value, '\0', 64, 1 << 30, &request->output_max) ? NULL : "not a number of bytes from 64 to 1073741824";
}

static const char *take_tty(struct request *request, char *value) { return value_switch(&request->tty, value); }
static const char *take_append(struct request *request, char *value) { return value_switch(&request->append, value); }

static const char *take_window(struct request *request, char *value) {
  uint64_t columns, rows;
  const char *at = value_number(value, ' ', 1, UINT16_MAX, &columns);
  if (at == NULL || value_number(at, '\0', 1, UINT16_MAX, &rows) == NULL) return "not a size as \"columns rows\", each from 1 to 65535";
  request->window = (struct tty_size){(unsigned short)columns, (unsigned short)rows};
  return NULL;
}

static const char *take_timeout(struct request *request, char *value) {
  uint64_t parsed;
  if (value_number(value, '\0', 1, 60000, &parsed) == NULL) return "not a time from 1 to 60000 ms";
  request->timeout_ms = (int)parsed;
  return NULL;
}

static const char *take_grace(struct request *request, char *value) {
  uint64_t parsed;
  if (value_number(value, '\0', 0, 3600000, &parsed) == NULL) return "not a time from 0 to 3600000 ms";
  request->grace_ms = (int)parsed;
  return NULL;
}

static const struct key {
  const char *name;
  bool repeats;
  // Returns NULL, or why the value is refused.
  const char *(*take)(struct request *request, char *value);
} keys[] = {
  {"arg", true, take_arg}, {"env", true, take_env}, {"procs", true, take_procs}, {"ns", true, take_namespace},
  {"uidmap", true, take_uid_map}, {"gidmap", true, take_gid_map}, {"uid", false, take_uid}, {"gid", false, take_gid}, {"user", false, take_user}, {"group", false, take_group},
  {"join", false, take_join}, {"init", false, take_init}, {"hostname", false, take_hostname}, {"cwd", false, take_cwd},
  {"view", false, take_view}, {"rootfs", false, take_rootfs}, {"rootrw", false, take_root_writable}, {"layer", false, take_layer},
  {"scratch", false, take_scratch}, {"home", false, take_home}, {"tmpsize", false, take_tmp_size}, {"shmsize", false, take_shm_size}, {"bind", true, take_bind}, {"bindto", true, take_bind_target},
  {"bindrw", true, take_bind_writable}, {"bindlinks", true, take_bind_links}, {"bindexec", true, take_bind_executable}, {"cap", true, take_capability}, {"nnp", false, take_no_new_privileges},
  {"seccomp", false, take_seccomp}, {"rlimit", true, take_limit}, {"oomscore", false, take_oom_score}, {"nice", false, take_nice},
  {"umask", false, take_umask}, {"go", false, take_go}, {"dir", false, take_dir}, {"outputmax", false, take_output_max},
  {"timeout", false, take_timeout}, {"grace", false, take_grace}, {"tty", false, take_tty}, {"winsize", false, take_window},
  {"append", false, take_append},
};
_Static_assert(sizeof keys / sizeof *keys <= 64, "`seen` has a bit for each key");

static const char *take_record(struct request *request, char *record) {
  char *equals = strchr(record, '=');
  if (equals == NULL) return "not a record as key=value";
  size_t length = (size_t)(equals - record);
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strlen(keys[i].name) != length || memcmp(keys[i].name, record, length) != 0) continue;
    if (!keys[i].repeats && (request->seen & UINT64_C(1) << i)) return "given twice";
    request->seen |= UINT64_C(1) << i;
    return keys[i].take(request, equals + 1);
  }
  return "unknown key";
}

bool request_has(const struct request *request, const char *key) {
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strcmp(keys[i].name, key) == 0) return request->seen & UINT64_C(1) << i;
  }
  return false;
}

bool request_parse(struct request *request, char *text, size_t length, struct refusal *refusal) {
  request->cwd = "/";
  request->output_max = 256 << 10;
  request->tmp_bytes = 256 << 20;
  request->shm_bytes = 64 << 20;
  request->window = (struct tty_size){80, 24};
  request->timeout_ms = 10000;
  // The last byte is checked to be a NUL, so that strlen and strchr stay inside the text.
  if (length > 0 && text[length - 1] != '\0') {
    *refusal = (struct refusal){"the last record does not end in NUL", ""};
    return false;
  }
  for (char *record = text; record < text + length; ) {
    // take_record keeps pointers into the record, so the next one is found first.
    char *next = record + strlen(record) + 1;
    const char *why = take_record(request, record);
    if (why != NULL) {
      *refusal = (struct refusal){why, record};
      return false;
    }
    record = next;
  }
  return request_consistent(request, refusal);
}

uint32_t map_outside(const struct id_maps *maps, uint32_t id) {
  for (size_t i = 0; i < maps->count; i++) {
    const struct id_map *line = &maps->line[i];
    if (id >= line->inside && id - line->inside < line->count) return line->outside + (id - line->inside);
  }
  return NO_ID;
}
