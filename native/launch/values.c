// Parses numbers, ids, paths and switches of a request.
#define _GNU_SOURCE
#include "values.h"
#include <string.h>

const char *value_number(const char *text, char end, uint64_t min, uint64_t max, uint64_t *out) {
  uint64_t value = 0;
  const char *at = text;
  for (; *at >= '0' && *at <= '9'; at++) {
    uint64_t digit = (uint64_t)(*at - '0');
    if (digit > max || value > (max - digit) / 10) return NULL;
    value = value * 10 + digit;
  }
  if (at == text || *at != end || value < min || value > max) return NULL;
  *out = value;
  return end == '\0' ? at : at + 1;
}

// The next name of a path, without slashes and names that are a dot only.
static const char *next_name(const char *at, size_t *length) {
  do {
    at += strspn(at, "/");
    *length = strcspn(at, "/");
    if (*length != 1 || at[0] != '.') return at;
    at++;
  } while (true);
}

int path_order(const char *one, const char *other) {
  for (size_t first, second;; one += first, other += second) {
    one = next_name(one, &first);
    other = next_name(other, &second);
    int order = memcmp(one, other, first < second ? first : second);
    if (order != 0) return order;
    if (first != second) return first < second ? -1 : 1;
    if (first == 0) return 0;
  }
}

const char *value_path(const char **path, const char *value) {
  if (value[0] != '/') return "not an absolute path";
  *path = value;
  return NULL;
}

const char *value_id(uint32_t *id, const char *value) {
  uint64_t parsed;
  if (value_number(value, '\0', 0, NO_ID - 1, &parsed) == NULL) return "not an id from 0 to 4294967294";
  *id = (uint32_t)parsed;
  return NULL;
}

const char *value_name(const char **name, const char *value) {
  size_t length = strlen(value);
  if (length == 0 || length > 64 || value[strcspn(value, ":/, \t\n")] != '\0') return "not a name or number of a user or group";
  *name = value;
  return NULL;
}

const char *value_map(struct id_maps *maps, const char *value) {
  static const char *bad = "not a mapping as \"inside outside count\"";
  uint64_t inside, outside, count;
  if (maps->count == MAX_MAPS) return "too many mappings";
  const char *at = value_number(value, ' ', 0, NO_ID - 1, &inside);
  if (at == NULL || (at = value_number(at, ' ', 0, NO_ID - 1, &outside)) == NULL) return bad;
  if (value_number(at, '\0', 1, NO_ID, &count) == NULL || inside + count > NO_ID || outside + count > NO_ID) return bad;
  maps->line[maps->count++] = (struct id_map){(uint32_t)inside, (uint32_t)outside, (uint32_t)count};
  return NULL;
}

const char *value_switch(bool *on, const char *value) {
  if (strcmp(value, "1") != 0) return "not 1, the only value it takes";
  *on = true;
  return NULL;
}

const char *value_signed(struct setting *setting, const char *value, int min, int max, const char *refusal) {
  bool minus = value[0] == '-';
  uint64_t size;
  if (value_number(value + minus, '\0', 0, (uint64_t)(minus ? -min : max), &size) == NULL) return refusal;
  *setting = (struct setting){true, minus ? -(int)size : (int)size};
  return NULL;
}

const char *value_umask(struct setting *setting, const char *value) {
  int mask = 0;
  size_t length = strlen(value);
  for (size_t i = 0; i < length && i < 5 && value[i] >= '0' && value[i] <= '7'; i++) mask = mask * 8 + (value[i] - '0');
  if (length == 0 || length > 4 || strspn(value, "01234567") != length || mask > 0777) return "not an octal number from 0 to 777";
  *setting = (struct setting){true, mask};
  return NULL;
}
