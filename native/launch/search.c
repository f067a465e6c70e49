// execvpe(3) with two differences: it says which file was refused, and it runs nothing but what was asked (a text file without #! is
// ENOEXEC, not a script for sh).
#define _GNU_SOURCE
#include "search.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(char *const env[]) {
  for (; *env != NULL; env++) {
    if (strncmp(*env, "PATH=", 5) == 0) return *env + 5;
  }
  return "/usr/bin:/bin";  // what confstr(_CS_PATH) says, spelled out so that the launcher's C library has no part in it
}

static void name(char *tried, const char *path) { snprintf(tried, PATH_SEARCH_MAX, "%s", path); }

// A directory that we may not look into holds no program for us: that is not found, as a shell sees it, and not a refusal.
static bool is_there(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

// Whether the search goes on after this errno: this directory does not have the program, another may.
static bool try_next(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == ENAMETOOLONG || error == ELOOP || error == ESTALE ||
    error == ENODEV || error == ETIMEDOUT;
}

void search_and_exec(char *const argv[], char *const env[], char *tried) {
  if (strchr(argv[0], '/') != NULL) {
    name(tried, argv[0]);
    execve(argv[0], argv, env);
    return;
  }
  name(tried, argv[0]);
  int refusal = ENOENT;
  const char *end;
  for (const char *at = path_of(env); ; at = end + 1) {
    end = strchrnul(at, ':');
    char path[PATH_SEARCH_MAX];
    // An empty entry is the working directory (POSIX).
    int length = snprintf(path, sizeof path, "%.*s%s%s", (int)(end - at), at, end == at ? "" : "/", argv[0]);
    if (length > 0 && (size_t)length < sizeof path) {
      execve(path, argv, env);
      int error = errno;
      if (!try_next(error)) {
        name(tried, path);
        errno = error;
        return;
      }
      // The file exists, yet it is no program for us: not executable, or its interpreter is missing. The first such file is the
      // answer if no other directory has a better one; a refusal counts more than a missing interpreter.
      if (is_there(path) && refusal != EACCES && (error == EACCES || tried[0] != '/')) {
        refusal = error;
        name(tried, path);
      }
    }
    if (*end == '\0') break;
  }
  errno = refusal;
}
