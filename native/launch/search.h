// Finds a program in PATH and executes it.
#pragma once
#include <limits.h>

enum { PATH_SEARCH_MAX = PATH_MAX };

// Executes argv[0] with env. A name without a slash is searched in env's PATH, not in ours. Returns only on failure, with errno set, and the
// path or name concerned in `tried` (of PATH_SEARCH_MAX bytes).
void search_and_exec(char *const argv[], char *const env[], char *tried);
