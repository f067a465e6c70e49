// Makes a program another user of its user namespace than root.
#pragma once
#include "request.h"

// Called by the child as root of the namespace, in the program's root. Takes the request's user and group, owns stdin to stderr as that, and adds
// HOME, USER and LOGNAME to the environment where the request has none. Keeps capabilities, which are dropped later. Returns the uid.
uid_t user_become(struct request *request);
