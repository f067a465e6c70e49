// Follows unmounts of the host into a program's root, so that a launch keeps no device of the host busy. The mounts themselves are private: were
// they slaves of the host's (mount_namespaces(7)), later mounts of the host would appear inside, writable and with their devices.
#pragma once
#include "request.h"

// Notes what the host has mounted, before the root is made.
void release_note(const struct request *request);

// Begins once the program runs. `child` is its process or init.
void release_begin(pid_t child);

// What to poll with POLLPRI, -1 for nothing at present; and after how many ms to ask again, -1 for never.
int release_fd(void);
int release_timeout_ms(void);

// The host has mounted or unmounted something: unmounts in the program's root, at the same place, what the host has no longer.
void release_handle(void);
