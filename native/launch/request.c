// Parses and checks a launch request. Nothing here touches the system: what passes is consistent, what does not is refused with its reason.
#define _GNU_SOURCE
#include "request.h"
#include <sched.h>
#include <string.h>

static const uint32_t NO_ID = UINT32_MAX;  // (uid_t)-1 means "leave as it is" to setresuid: never an id.

// Decimal digits and nothing else up to `end`: no sign, no blank, no overflow. Returns what follows, NULL if it is no such number.
static const char *number(const char *text, char end, uint64_t min, uint64_t max, uint64_t *out) {
  uint64_t value = 0;
  const char *at = text;
  for (; *at >= '0' && *at <= '9'; at++) {
    uint64_t digit = (uint64_t)(*at - '0');
    if (value > (max - digit) / 10) return NULL;
    value = value * 10 + digit;
  }
  if (at == text || *at != end || value < min || value > max) return NULL;
  *out = value;
  return end == '\0' ? at : at + 1;
}

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

static const char *take_namespace(struct request *request, char *value) {
  static const struct { const char *name; uint64_t flag; } kinds[] = {
    {"pid", CLONE_NEWPID}, {"mnt", CLONE_NEWNS}, {"uts", CLONE_NEWUTS}, {"ipc", CLONE_NEWIPC},
    {"net", CLONE_NEWNET}, {"cgroup", CLONE_NEWCGROUP}, {"user", CLONE_NEWUSER},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(value, kinds[i].name) == 0) {
      request->namespaces |= kinds[i].flag;
      return NULL;
    }
  }
  return "not a namespace: pid, mnt, uts, ipc, net, cgroup or user";
}

static const char *take_map(struct id_maps *maps, const char *value) {
  static const char *bad = "not a mapping as \"inside outside count\"";
  uint64_t inside, outside, count;
  if (maps->count == MAX_MAPS) return "too many mappings";
  const char *at = number(value, ' ', 0, NO_ID - 1, &inside);
  if (at == NULL || (at = number(at, ' ', 0, NO_ID - 1, &outside)) == NULL) return bad;
  if (number(at, '\0', 1, NO_ID, &count) == NULL || inside + count > NO_ID || outside + count > NO_ID) return bad;
  maps->line[maps->count++] = (struct id_map){(uint32_t)inside, (uint32_t)outside, (uint32_t)count};
  return NULL;
}

static const char *take_uid_map(struct request *request, char *value) { return take_map(&request->uid_maps, value); }
static const char *take_gid_map(struct request *request, char *value) { return take_map(&request->gid_maps, value); }

static const char *take_path(const char **path, const char *value) {
  if (value[0] != '/') return "not an absolute path";
  *path = value;
  return NULL;
}

static const char *take_cwd(struct request *request, char *value) { return take_path(&request->cwd, value); }
static const char *take_dir(struct request *request, char *value) { return take_path(&request->dir, value); }

static const char *take_hostname(struct request *request, char *value) {
  if (value[0] == '\0' || strlen(value) > 64) return "not a host name of 1 to 64 characters";
  request->hostname = value;
  return NULL;
}

static const char *take_id(uint32_t *id, const char *value) {
  uint64_t parsed;
  if (number(value, '\0', 0, NO_ID - 1, &parsed) == NULL) return "not an id from 0 to 4294967294";
  *id = (uint32_t)parsed;
  return NULL;
}

static const char *take_uid(struct request *request, char *value) { return take_id(&request->uid, value); }
static const char *take_gid(struct request *request, char *value) { return take_id(&request->gid, value); }

// A file has to hold a chunk's header, and something behind it.
static const char *take_output_max(struct request *request, char *value) {
  return number(value, '\0', 64, 1 << 30, &request->output_max) ? NULL : "not a number of bytes from 64 to 1073741824";
}

static const char *take_tty(struct request *request, char *value) {
  request->tty = true;
  return strcmp(value, "1") == 0 ? NULL : "not 1";
}

static const char *take_window(struct request *request, char *value) {
  uint64_t columns, rows;
  const char *at = number(value, ' ', 1, UINT16_MAX, &columns);
  if (at == NULL || number(at, '\0', 1, UINT16_MAX, &rows) == NULL) return "not a size as \"columns rows\", each from 1 to 65535";
  request->window = (struct tty_size){(unsigned short)columns, (unsigned short)rows};
  return NULL;
}

static const char *take_timeout(struct request *request, char *value) {
  uint64_t parsed;
  if (number(value, '\0', 1, 60000, &parsed) == NULL) return "not a time from 1 to 60000 ms";
  request->timeout_ms = (int)parsed;
  return NULL;
}

static const struct key {
  const char *name;
  bool repeats;
  // Returns NULL, or why the value is refused.
  const char *(*take)(struct request *request, char *value);
} keys[] = {
  {"arg", true, take_arg}, {"env", true, take_env}, {"procs", true, take_procs}, {"ns", true, take_namespace},
  {"uidmap", true, take_uid_map}, {"gidmap", true, take_gid_map}, {"cwd", false, take_cwd}, {"hostname", false, take_hostname},
  {"uid", false, take_uid}, {"gid", false, take_gid}, {"dir", false, take_dir}, {"outputmax", false, take_output_max},
  {"timeout", false, take_timeout}, {"tty", false, take_tty}, {"winsize", false, take_window},
};

static const char *take_record(struct request *request, char *record) {
  char *equals = strchr(record, '=');
  if (equals == NULL) return "not a record as key=value";
  size_t length = (size_t)(equals - record);
  for (uint32_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strlen(keys[i].name) != length || memcmp(keys[i].name, record, length) != 0) continue;
    if (!keys[i].repeats && (request->seen & 1u << i)) return "given twice";
    request->seen |= 1u << i;
    return keys[i].take(request, equals + 1);
  }
  return "unknown key";
}

static bool maps_root(const struct id_maps *maps) {
  for (size_t i = 0; i < maps->count; i++) {
    if (maps->line[i].inside == 0) return true;
  }
  return false;
}

static bool given(const struct request *request, const char *name) {
  for (uint32_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strcmp(keys[i].name, name) == 0) return request->seen & 1u << i;
  }
  return false;
}

// What one record cannot say about itself. Some of it guards the host: a hostname without a uts namespace would rename
// the machine, and without a user namespace or ids the program would go on as root.
static bool consistent(const struct request *request, struct refusal *refusal) {
  bool user = request->namespaces & CLONE_NEWUSER;
  struct refusal found = {NULL, NULL};
  if (request->args == 0) found = (struct refusal){"missing: what to run", "arg"};
  else if (request->argv[0][0] == '\0') found = (struct refusal){"the program's name is empty", "arg"};
  else if (request->dir == NULL) found = (struct refusal){"missing: where to write output and exit", "dir"};
  else if (request->hostname && !(request->namespaces & CLONE_NEWUTS)) found = (struct refusal){"needs ns=uts", "hostname"};
  else if (!user && request->uid_maps.count) found = (struct refusal){"needs ns=user", "uidmap"};
  else if (!user && request->gid_maps.count) found = (struct refusal){"needs ns=user", "gidmap"};
  else if (user && !maps_root(&request->uid_maps)) found = (struct refusal){"must map 0, which the program becomes in its user namespace", "uidmap"};
  else if (user && !maps_root(&request->gid_maps)) found = (struct refusal){"must map 0, which the program becomes in its user namespace", "gidmap"};
  else if (!user && !given(request, "uid")) found = (struct refusal){"missing: needed without ns=user", "uid"};
  else if (!user && !given(request, "gid")) found = (struct refusal){"missing: needed without ns=user", "gid"};
  else if (!request->tty && given(request, "winsize")) found = (struct refusal){"needs tty=1", "winsize"};
  *refusal = found;
  return found.message == NULL;
}

bool request_parse(struct request *request, char *text, size_t length, struct refusal *refusal) {
  request->cwd = "/";
  request->output_max = 256 << 10;
  request->window = (struct tty_size){80, 24};
  request->timeout_ms = 10000;
  // From here on strlen and strchr stay inside the text: its last byte is a NUL.
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
  return consistent(request, refusal);
}

uint32_t map_outside(const struct id_maps *maps, uint32_t id) {
  for (size_t i = 0; i < maps->count; i++) {
    const struct id_map *line = &maps->line[i];
    if (id >= line->inside && id - line->inside < line->count) return line->outside + (id - line->inside);
  }
  return NO_ID;
}
