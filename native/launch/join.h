// Namespaces that are there already: those of a process to join, and the clocks of a time namespace.
#pragma once
#include "request.h"

// Opens the process, and checks that it still is one that has namespaces of the asked kinds of its own: a pid that meanwhile belongs to
// somebody else must not put the program into the host's. With ns=pid the launcher's children are born there from then on. Returns
// its pidfd, or -1 with errno, and `message` where errno does not say it.
int join_open(const struct request *request, const char **message);

// Enters them, all at once, but the pid namespace. By the child.
void join_enter(const struct request *request, int pidfd);

// The program's ids as they are here, to own its pipes: or it could not open /dev/stdout. NO_ID where it has none.
void join_outside_ids(const struct request *request, uid_t *uid, gid_t *gid);

// The launcher's children are born in a new time namespace, whose monotonic and boot clocks are at 0; its own go on. False with errno.
bool time_prepare(void);

// The launcher's children are born where it is itself again.
void children_at_home(void);
