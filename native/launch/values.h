// The values of a request's records. Each function returns NULL, or why the value is refused.
#pragma once
#include "request.h"

// (uid_t)-1 means "leave as it is" to setresuid: never an id.
static const uint32_t NO_ID = UINT32_MAX;

// Decimal digits and nothing else up to `end`: no sign, no blank, no overflow. Returns what follows, NULL if it is no such number.
const char *value_number(const char *text, char end, uint64_t min, uint64_t max, uint64_t *out);

const char *value_path(const char **path, const char *value);
const char *value_id(uint32_t *id, const char *value);
const char *value_map(struct id_maps *maps, const char *value);
// Exactly "1", which is what sets it.
const char *value_switch(bool *on, const char *value);
// A number that may have a minus, from `min` to `max`.
const char *value_signed(struct setting *setting, const char *value, int min, int max, const char *refusal);
const char *value_umask(struct setting *setting, const char *value);

// Names of the kernel's: kinds of namespaces, CAP_*, and resources with limits (RLIMIT_NOFILE is `nofile`).
const char *value_namespace(uint64_t *flags, const char *value);
const char *value_capability(uint64_t *kept, const char *value);
const char *value_limit(struct limit *limit, const char *value);
