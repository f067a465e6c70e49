// Finding a program on PATH and becoming it.
#pragma once
#include <limits.h>

enum { PATH_SEARCH_MAX = PATH_MAX };

// Executes argv[0] with env; a name without a slash is looked for on env's own PATH, never on ours. Returns only on failure, with
// errno set and the path or name that it is about in `tried` (of PATH_SEARCH_MAX bytes).
void search_and_exec(char *const argv[], char *const env[], char *tried);
