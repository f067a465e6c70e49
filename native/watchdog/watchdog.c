// Gives back what guards changed in groups if the agent that guards them has ended or hangs: `cgdeck-watchdog RUN_DIR`.
// It ends when there is nothing to give back and no agent is connected. README.md is its protocol.
#define _GNU_SOURCE
#include "../launch/clock.h"
#include "agents.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char SOCKET[] = "watchdog.sock";
// How long it waits for its first agent; and how much later than asked it may run without excusing the agents.
enum { FIRST_MS = 10000, LATE_MS = 1000, ACCEPT_PAUSE_MS = 1000, DESCRIPTORS = RECORDS_MAX * DIRS_MAX + 64 };

static volatile sig_atomic_t ending;

static void on_end(int number) {
  (void)number;
  ending = 1;
}

// Each of these is worth having, and none is needed.
static void prepare(void) {
  close_range(STDERR_FILENO + 1, ~0U, 0);
  setsid();
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    (void)!write(fd, "-1000", 5);
    close(fd);
  }
  // Pages stay once they were used: all of the C library would be twice as much.
  mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max < DESCRIPTORS ? files.rlim_max : DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &files);
  }
}

// Only this process then serves the socket. Returns -1 with errno; EWOULDBLOCK if another does.
static int serve(const char *run_dir) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strcpy(address.sun_path, SOCKET);
  umask(0177);
  // The lock ends with this process, and leaves no file.
  int lock = open(run_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0 || fchdir(lock) < 0) return -1;
  if (unlink(SOCKET) < 0 && errno != ENOENT) return -1;
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, AGENTS_MAX) < 0) return -1;
  return listener;
}

// Waits for messages until then, and reads them. SIGTERM is delivered only here.
static void wait_until(struct watchdog *watchdog, int listener, int64_t until_ms, int64_t *accept_after_ms) {
  static const sigset_t none;
  struct pollfd waits[AGENTS_MAX + 1];
  int64_t now = now_ms();
  for (size_t i = 0; i < AGENTS_MAX; i++) waits[i] = (struct pollfd){.fd = watchdog->agents[i].fd, .events = POLLIN};
  waits[AGENTS_MAX] = (struct pollfd){.fd = now < *accept_after_ms ? -1 : listener, .events = POLLIN};
  if (now < *accept_after_ms && *accept_after_ms < until_ms) until_ms = *accept_after_ms;
  int64_t wait_ms = until_ms > now ? until_ms - now : 0;
  struct timespec timeout = {.tv_sec = wait_ms / 1000, .tv_nsec = wait_ms % 1000 * 1000000};
  int ready = ppoll(waits, AGENTS_MAX + 1, until_ms == INT64_MAX ? NULL : &timeout, &none);
  now = now_ms();
  if (until_ms != INT64_MAX && now > until_ms + LATE_MS) agents_excuse(watchdog, now);
  if (ready <= 0) return;
  for (size_t i = 0; i < AGENTS_MAX; i++)
    if (waits[i].revents != 0) agent_read(watchdog, &watchdog->agents[i], now);
  if (waits[AGENTS_MAX].revents != 0 && !agents_accept(watchdog, listener, now)) *accept_after_ms = now + ACCEPT_PAUSE_MS;
}

int main(int count, char **arguments) {
  static struct watchdog watchdog;
  if (count != 2) return EINVAL;
  prepare();
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_SETMASK, &term, NULL);
  sigaction(SIGTERM, &(struct sigaction){.sa_handler = on_end}, NULL);
  for (size_t i = 0; i < 3; i++) signal((const int[]){SIGHUP, SIGINT, SIGPIPE}[i], SIG_IGN);
  int listener = serve(arguments[1]);
  // Its agent connects to the other one, or reports the errno.
  if (listener < 0) return errno == EWOULDBLOCK ? 0 : errno;
  agents_init(&watchdog);
  int64_t first_ms = now_ms() + FIRST_MS, accept_after_ms = 0;
  for (;;) {
    int64_t now = now_ms(), next_ms = records_return(&watchdog, now, ending != 0);
    if (agents_any(&watchdog)) first_ms = 0;
    else if (watchdog.count == 0 && (now >= first_ms || ending != 0)) break;
    else if (first_ms > 0 && first_ms < next_ms) next_ms = first_ms;
    wait_until(&watchdog, listener, next_ms, &accept_after_ms);
  }
  unlink(SOCKET);
  return 0;
}
