// Drops the child's privileges before exec. The order of the calls makes it safe (child.c).
#pragma once
#include "request.h"

// Forbids tracing this process and opening its /proc/<pid>/fd, exe and root, even to the same user in a namespace that it joins
// (CVE-2016-9962, CVE-2019-5736). Changes of ids or capabilities reset it; exec ends it.
void privilege_hide(void);

// Makes a new session keyring, so that the program does not inherit the agent's keys. Called as root, which does not use up a user's quota.
void privilege_own_keys(void);

// Drops the other capabilities from the bounding set. Needs CAP_SETPCAP.
void privilege_bound(uint64_t kept);

// Sets the program's ids, and keeps capabilities across that if the program gets some without being root. `keep_groups`: see
// rootless_keeps_groups.
void privilege_become(const struct request *request, bool keep_groups);

// Sets all capability sets to `kept`.
void privilege_keep(uint64_t kept, bool root);

// Drops all capabilities, without a report.
void privilege_none(void);

void privilege_no_new(void);
