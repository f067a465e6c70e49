// What the child gives away before it becomes the program. The order in which it is called is what makes it safe (child.c).
#pragma once
#include "request.h"

// Nobody may trace this process or open its /proc/<pid>/fd, exe or root, also not as the same user in a namespace that it joins
// (CVE-2016-9962, CVE-2019-5736). The kernel forgets it when ids or capabilities change; exec of a program ends it.
void privilege_hide(void);

// A session keyring of its own: the agent's, and the keys in it, would go along. As the machine's root, whose quota of keys is not a
// user's.
void privilege_own_keys(void);

// Drops from the bounding set what is not kept. While CAP_SETPCAP is there.
void privilege_bound(uint64_t kept);

// Takes the program's ids, and keeps capabilities meanwhile where some are kept for a program that is not root. `groups_stay`: as
// rootless_groups_stay says it.
void privilege_become(const struct request *request, bool groups_stay);

// All sets become what is kept.
void privilege_keep(uint64_t kept, bool root);

// Gives all of them away, without a word.
void privilege_none(void);

void privilege_no_new(void);
