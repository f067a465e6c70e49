// Explains why execve(2) refused a program, where its errno does not.
#pragma once
#include <stddef.h>

// Called by the child with the program's ids, so that it reads only what the program may read. Sets a message for the errno of execve(2) on the
// file `tried`, or "" where the errno is enough.
void exec_explain(char *message, size_t size, int error, const char *tried, char *const argv[], char *const env[]);
