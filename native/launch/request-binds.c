// Parses the records about binds.
#define _GNU_SOURCE
#include "request-binds.h"
#include "values.h"
#include <string.h>

// `/` would cover the prepared root, and `..` could lead elsewhere than it seems.
const char *bind_target(const char **path, const char *value) {
  if (value[0] != '/') return "not an absolute path";
  if (value[strspn(value, "/")] == '\0') return "not a path below /";
  for (const char *at = value; (at = strstr(at, "/..")) != NULL; at += 3) {
    if (at[3] == '\0' || at[3] == '/') return "not a path without ..";
  }
  *path = value;
  return NULL;
}

const char *take_bind(struct request *request, char *value) {
  if (request->bind_count == MAX_BINDS) return "too many binds";
  struct bind *bind = &request->binds[request->bind_count];
  const char *why = bind_target(&bind->target, value);
  if (why != NULL) return why;
  bind->source = value;
  request->bind_count++;
  return NULL;
}

const char *take_bind_target(struct request *request, char *value) {
  if (request->bind_count == 0) return "there is no bind before it";
  struct bind *bind = &request->binds[request->bind_count - 1];
  return bind->target == bind->source ? bind_target(&bind->target, value) : "given twice";
}

const char *take_bind_writable(struct request *request, char *value) {
  if (request->bind_count == 0) return "there is no bind before it";
  bool *writable = &request->binds[request->bind_count - 1].writable;
  return *writable ? "given twice" : value_switch(writable, value);
}

const char *take_bind_executable(struct request *request, char *value) {
  if (request->bind_count == 0) return "there is no bind before it";
  bool *executable = &request->binds[request->bind_count - 1].executable;
  return *executable ? "given twice" : value_switch(executable, value);
}

const char *take_bind_links(struct request *request, char *value) {
  if (request->bind_count == 0) return "there is no bind before it";
  struct bind *bind = &request->binds[request->bind_count - 1];
  if (bind->links != LINKS_NEVER) return "given twice";
  if (strcmp(value, "always") == 0) bind->links = LINKS_ALWAYS;
  else if (strcmp(value, "if-any") == 0) bind->links = LINKS_IF_ANY;
  else return "neither always nor if-any";
  return NULL;
}
