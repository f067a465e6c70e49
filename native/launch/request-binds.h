// The records of a request that are about binds. Each returns NULL, or why the value is refused.
#pragma once
#include "request.h"

// A path inside the root that something is mounted on.
const char *bind_target(const char **path, const char *value);

const char *take_bind(struct request *request, char *value);
// Those of the bind before.
const char *take_bind_target(struct request *request, char *value);
const char *take_bind_writable(struct request *request, char *value);
const char *take_bind_executable(struct request *request, char *value);
const char *take_bind_links(struct request *request, char *value);
