// Like execvpe(3), but reports which file was refused, and does not pass a text file without #! to sh (ENOEXEC).
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
  return "/usr/bin:/bin";  // the usual confstr(_CS_PATH), independent of the launcher's C library
}

static void name(char *tried, const char *path) { snprintf(tried, PATH_SEARCH_MAX, "%s", path); }

// In a directory that may not be searched, the program counts as not found, as in shells.
static bool is_there(const char *path) {
  struct stat found;
  return stat(path, &found) == 0 && S_ISREG(found.st_mode);
}

// Whether to continue with the next directory after this errno.
static bool try_next(int error) {
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == ENAMETOOLONG || error == ELOOP || error == ESTALE ||
    error == ENODEV || error == ETIMEDOUT;
}

void search_and_exec(char *const argv[], char *const env[], char *tried) {
  name(tried, argv[0]);
  if (strchr(argv[0], '/') != NULL) {
    execve(argv[0], argv, env);
    return;
  }
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
      // The file exists, but is not executable or lacks its interpreter. The first such file is reported if no other directory has the
      // program; a refusal has precedence over a missing interpreter.
      if (is_there(path) && refusal != EACCES && (error == EACCES || tried[0] != '/')) {
        refusal = error;
        name(tried, path);
      }
    }
    if (*end == '\0') break;
  }
  errno = refusal;
}
