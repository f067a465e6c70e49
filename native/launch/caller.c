// Takes over descriptors and the request from the caller, and detaches the launcher from everything else of it.
#define _GNU_SOURCE
#include "caller.h"
#include "clock.h"
#include "request.h"
#include "status.h"
#include "wait.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

// Before the child exists there is nothing to clean up.
_Noreturn static void refuse(enum step step, int number, const char *message, const char *what) {
  status_error(step, number, message, what);
  exit(1);
}

// Opens 0 to 2 if they are closed, so that no later descriptor gets those numbers.
void caller_keep_descriptors(void) {
  if (fcntl(REQUEST_FD, F_GETFD) < 0 || fcntl(STATUS_FD, F_GETFD) < 0) {
    static const char usage[] = "launch: takes a request on descriptor 3 and reports on descriptor 4\n";
    (void)!write(2, usage, sizeof usage - 1);
    exit(2);
  }
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", O_RDWR);
  }
  fcntl(GO_FD, F_SETFD, FD_CLOEXEC);  // fails if it is not open, which is allowed
  close_range(GO_FD + 1, ~0u, 0);
}

// Its own session, and signals ignored that would end it with the agent. SIGCHLD is set to its default, or the kernel would reap the child.
void caller_detach(void) {
  static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  setsid();  // fails if the launcher already leads a session
  if (chdir("/") < 0) refuse(STEP_REQUEST, errno, NULL, "/");
  prctl(PR_SET_NAME, "cgdeck-monitor");
}

// Reads up to the end, and one byte more than allowed, to detect a request that is too long.
size_t caller_read_request(char **request) {
  size_t capacity = 16 << 10, used = 0;
  char *text = malloc(capacity);
  // A spare launcher waits for its request without a limit, but a request that has begun must end in time.
  struct pollfd begin = {.fd = REQUEST_FD, .events = POLLIN};
  while (poll(&begin, 1, -1) < 0) {}
  int64_t deadline = now_ms() + 10000;
  for (;;) {
    if (text == NULL) refuse(STEP_REQUEST, ENOMEM, NULL, "");
    if (!ready_before(REQUEST_FD, deadline)) refuse(STEP_TIMEOUT, ETIMEDOUT, "the request did not end", "request");
    ssize_t n = read(REQUEST_FD, text + used, capacity - used);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) refuse(STEP_REQUEST, errno, NULL, "");
    if (n == 0) break;
    used += (size_t)n;
    if (used > REQUEST_MAX) refuse(STEP_REQUEST, E2BIG, "longer than 4 MiB", "");
    if (used == capacity) text = realloc(text, capacity *= 2);
  }
  *request = text;
  return used;
}

// Nothing is reported after this. The caller sees the end of the status and of our stdio.
void caller_close(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= STATUS_FD; fd++) {
    if (fd <= 2 && null >= 0) dup2(null, fd);
    else close(fd);
  }
  if (null >= 0) close(null);
}
