// Joins the namespaces of a process, and makes time namespaces.
#pragma once
#include "request.h"

// Opens the process and checks that it has its own namespaces of the given kinds, because a reused pid must not put the program into the
// host's. With ns=pid, the launcher's children are then made in that pid namespace. Returns the pidfd, or -1 with errno, and `message` where
// errno does not explain it.
int join_open(struct request *request, const char **message);

// Called by the child. Enters all of them but the pid namespace.
void join_enter(const struct request *request, int pidfd);

// The program's ids on the host, to own its pipes, so that it can open /dev/stdout. NO_ID where unmapped.
void join_outside_ids(const struct request *request, uid_t *uid, gid_t *gid);

// Makes a time namespace for the launcher's children, with monotonic and boot clocks at 0. False with errno.
bool time_prepare(void);

// The launcher's later children are made in its own namespaces again.
void children_in_own_namespaces(void);
