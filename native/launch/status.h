// The launcher's reports to its caller: one JSON object per line, on descriptor 4.
#pragma once
#include <sys/types.h>

// GO_FD only with a `go` record.
enum { REQUEST_FD = 3, STATUS_FD = 4, GO_FD = 5, WHAT_MAX = 1024 };

// The steps of a launch, in their order.
enum step {
  STEP_REQUEST, STEP_ROOTLESS, STEP_OUTPUT, STEP_TIME, STEP_JOIN, STEP_CLONE, STEP_MAPS, STEP_GROUPS, STEP_LIMITS, STEP_READY, STEP_TREES, STEP_CHILD,
  STEP_CGROUP, STEP_IDS, STEP_MOUNTS, STEP_PROC, STEP_VIEW, STEP_BIND, STEP_ROOT, STEP_STDIO, STEP_HOSTNAME, STEP_LOOPBACK,
  STEP_SESSION, STEP_USER, STEP_CAPABILITIES, STEP_PRIVILEGES, STEP_CWD, STEP_SECCOMP, STEP_INIT, STEP_EXEC, STEP_TIMEOUT,
};

// {"step":…}, with "pid" where it is not 0 and "note" where it is not NULL.
void status_step(enum step step, pid_t pid, const char *note);

// {"error":{…}}; message NULL: strerror of the number. `what` is the path, program or record concerned.
void status_error(enum step step, int number, const char *message, const char *what);
