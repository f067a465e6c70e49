// What the launcher has of its caller: descriptors, a request, and nothing else; and how all of it is let go.
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

// Before there is a child, nothing else has to go.
_Noreturn static void refuse(enum step step, int number, const char *message, const char *what) {
  status_error(step, number, message, what);
  exit(1);
}

// Descriptors 3 to 5 are the caller's. 0 to 2 are there, so that none of ours lands on them; what else was inherited goes.
void caller_own_descriptors(void) {
  if (fcntl(REQUEST_FD, F_GETFD) < 0 || fcntl(STATUS_FD, F_GETFD) < 0) {
    static const char usage[] = "launch: takes a request on descriptor 3 and reports on descriptor 4\n";
    (void)!write(2, usage, sizeof usage - 1);
    exit(2);
  }
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", O_RDWR);
  }
  fcntl(GO_FD, F_SETFD, FD_CLOEXEC);  // it need not be there
  close_range(GO_FD + 1, ~0u, 0);
}

// A session of its own, and no signal that ends the agent ends this. SIGCHLD as it is by default, or the kernel would reap for us.
void caller_stand_alone(void) {
  static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  setsid();  // fails where the caller has already made us the leader of a session, which is as good
  if (chdir("/") < 0) refuse(STEP_REQUEST, errno, NULL, "/");
  prctl(PR_SET_NAME, "cgdeck-monitor");
}

// The whole request, up to its end. One byte more than is allowed tells "too long" from "just fits".
size_t caller_read_request(char **request) {
  size_t capacity = 16 << 10, used = 0;
  char *text = malloc(capacity);
  // A launcher may be kept ready for a request to come; one that has begun must end in time.
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

// From here nobody is told anything: what was the caller's is let go, so that it sees the end of the status and of our stdio.
void caller_let_go(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= STATUS_FD; fd++) {
    if (fd <= 2 && null >= 0) dup2(null, fd);
    else close(fd);
  }
  if (null >= 0) close(null);
}
