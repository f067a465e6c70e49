// The launcher towards its caller. What cannot be had is reported on the status descriptor, and ends the launcher.
#pragma once
#include <stddef.h>

// Descriptors 3 to 5 are the caller's, everything else that was inherited goes.
void caller_own_descriptors(void);

// Goes on whatever becomes of the caller.
void caller_stand_alone(void);

// Waits for the request, and reads it up to its end: its bytes, and how many.
size_t caller_read_request(char **request);

// Closes what was the caller's.
void caller_let_go(void);
