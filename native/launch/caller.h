// The launcher's side of its caller. A failure is reported on the status descriptor and ends the launcher.
#pragma once
#include <stddef.h>

// Keeps descriptors 3 to 5 of the caller, and closes all other inherited ones above 2.
void caller_keep_descriptors(void);

// Lets the launcher survive the end of its caller.
void caller_detach(void);

// Waits for the request and reads all of it. Returns its length.
size_t caller_read_request(char **request);

// Closes the caller's descriptors.
void caller_close(void);
