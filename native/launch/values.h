// Parses the values of a request's records. Each function except value_number returns NULL, or why the value is refused.
#pragma once
#include "request.h"

// (uid_t)-1 means "unchanged" to setresuid, so it is never an id.
static const uint32_t NO_ID = UINT32_MAX;

// Parses decimal digits up to `end`, without sign, blanks or overflow. Returns the text after it, or NULL.
const char *value_number(const char *text, char end, uint64_t min, uint64_t max, uint64_t *out);

// Orders paths by their names, so that a folder comes before what is in it; 0: the same path, however its slashes are written.
int path_order(const char *one, const char *other);

const char *value_path(const char **path, const char *value);
const char *value_id(uint32_t *id, const char *value);
// A name or number of a user or group.
const char *value_name(const char **name, const char *value);
const char *value_map(struct id_maps *maps, const char *value);
// Accepts only "1".
const char *value_switch(bool *on, const char *value);
// A number from `min` to `max`, which may be negative.
const char *value_signed(struct setting *setting, const char *value, int min, int max, const char *refusal);
const char *value_umask(struct setting *setting, const char *value);

// The kinds of namespaces, by their names in /proc/<pid>/ns.
enum { NAMESPACE_KINDS = 8 };
extern const struct namespace_kind { const char *name; uint64_t flag; } namespace_kinds[NAMESPACE_KINDS];

// Kernel names: kinds of namespaces, CAP_*, and resources (RLIMIT_NOFILE is `nofile`).
const char *value_namespace(uint64_t *flags, const char *value);
const char *value_capability(uint64_t *kept, const char *value);
const char *value_limit(struct limit *limit, const char *value);
