// The launcher: reads a request on descriptor 3, starts the program in its namespaces and groups, reports each step on descriptor 4,
// and stays as the program's monitor. Exit code 1 means that nothing was started: the status line says why, and the child is gone.
#define _GNU_SOURCE
#include "child.h"
#include "clock.h"
#include "ends.h"
#include "groups.h"
#include "monitor.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// How long a killed child may take to go before it is looked for in a frozen group, and then until it is given up.
enum { REAP_MS = 500, REAP_FROZEN_MS = 5000 };

static struct request request;
// What the request's strings point into.
static char *request_text;
static pid_t child;
static int child_pidfd = -1;
// Where tty.sock is, once it is there.
static int socket_dir = -1;

static int64_t now_ms(void) { return clock_ms(CLOCK_MONOTONIC); }

// Whether the descriptor has something to say before the deadline.
static bool ready_before(int fd, int64_t deadline_ms) {
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  for (;;) {
    int64_t left = deadline_ms - now_ms();
    int n = poll(&wait, 1, left > 0 ? (int)left : 0);
    if (n > 0) return true;
    if (left <= 0) return false;
  }
}

// No failed launch leaves a process behind.
static void end_child(void) {
  if (child == 0) return;
  syscall(SYS_pidfd_send_signal, child_pidfd, SIGKILL, NULL, 0);
  if (!ready_before(child_pidfd, now_ms() + REAP_MS)) {
    for (size_t i = 0; i < request.groups; i++) group_leave(request.procs[i], child);
    ready_before(child_pidfd, now_ms() + REAP_FROZEN_MS);
  }
  // Should even that not have freed it, it dies when it is thawed; waiting for that might last for ever.
  waitpid(child, NULL, WNOHANG);
}

// The error goes out when the child is gone: who reads it may remove the groups at once.
_Noreturn static void give_up(enum step step, int number, const char *message, const char *what) {
  end_child();
  if (socket_dir >= 0) unlinkat(socket_dir, "tty.sock", 0);
  status_error(step, number, message, what);
  exit(1);
}

// Descriptors 3 and 4 are the caller's. 0 to 2 are there, so that none of ours lands on them; what else was inherited goes.
static void own_descriptors(void) {
  if (fcntl(REQUEST_FD, F_GETFD) < 0 || fcntl(STATUS_FD, F_GETFD) < 0) {
    static const char usage[] = "launch: takes a request on descriptor 3 and reports on descriptor 4\n";
    (void)!write(2, usage, sizeof usage - 1);
    exit(2);
  }
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl(fd, F_GETFD) < 0) (void)!open("/dev/null", O_RDWR);
  }
  close_range(STATUS_FD + 1, ~0u, 0);
}

// A session of its own, and no signal that ends the agent ends this. SIGCHLD as it is by default, or the kernel would reap for us.
static void stand_alone(void) {
  static const int ignored[] = {SIGPIPE, SIGINT, SIGTERM, SIGHUP};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) signal(ignored[i], SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  setsid();  // fails where the caller has already made us the leader of a session, which is as good
  if (chdir("/") < 0) give_up(STEP_REQUEST, errno, NULL, "/");
  prctl(PR_SET_NAME, "cgdeck-monitor");
}

// The whole request, up to its end. One byte more than is allowed tells "too long" from "just fits".
static size_t read_request(void) {
  size_t capacity = 16 << 10, used = 0;
  request_text = malloc(capacity);
  int64_t deadline = now_ms() + 10000;
  for (;;) {
    if (request_text == NULL) give_up(STEP_REQUEST, ENOMEM, NULL, "");
    if (!ready_before(REQUEST_FD, deadline)) give_up(STEP_TIMEOUT, ETIMEDOUT, "the request did not end", "request");
    ssize_t n = read(REQUEST_FD, request_text + used, capacity - used);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) give_up(STEP_REQUEST, errno, NULL, "");
    if (n == 0) break;
    used += (size_t)n;
    if (used > REQUEST_MAX) give_up(STEP_REQUEST, E2BIG, "longer than 4 MiB", "");
    if (used == capacity) request_text = realloc(request_text, capacity *= 2);
  }
  return used;
}

// The cgroup namespace is missing here: it is entered later, by the child, when it is in its groups.
static void start(const struct child_end *theirs) {
  struct clone_args args = {
    .flags = (request.namespaces & ~(uint64_t)CLONE_NEWCGROUP) | CLONE_PIDFD,
    .pidfd = (uint64_t)(uintptr_t)&child_pidfd,
    .exit_signal = SIGCHLD,
  };
  // No stack and no shared memory: the child goes on here with a copy of everything, as after fork.
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) child_run(&request, theirs);
  if (pid < 0) give_up(STEP_CLONE, errno, NULL, "clone3");
  child = (pid_t)pid;
  status_step(STEP_CLONE, child, NULL);
}

static void write_map(const char *name, const struct id_maps *maps) {
  char path[48], text[MAX_MAPS * 40];
  size_t length = 0;
  snprintf(path, sizeof path, "/proc/%d/%s", child, name);
  for (size_t i = 0; i < maps->count; i++) {
    const struct id_map *line = &maps->line[i];
    length += (size_t)snprintf(text + length, sizeof text - length, "%u %u %u\n", line->inside, line->outside, line->count);
  }
  // The kernel takes a map once, and whole. setgroups stays allowed in the namespace: the child needs it to leave our
  // supplementary groups, and has no capability for it once it is the program.
  int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0 || write(file, text, length) != (ssize_t)length) give_up(STEP_MAPS, errno, NULL, path);
  close(file);
}

// PF_FORKNOEXEC of a process, dead ones included: the kernel clears it in exec before it closes descriptors (proc(5), field flags).
static bool never_executed(pid_t pid) {
  char path[32], text[512];
  unsigned flags = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (file >= 0) close(file);
  if (n <= 0) return true;
  text[n] = '\0';
  // Behind the name, which may hold anything, parentheses too.
  const char *after = strrchr(text, ')');
  enum { PF_FORKNOEXEC = 0x40 };
  return after == NULL || sscanf(after, ") %*c %*d %*d %*d %*d %*d %u", &flags) != 1 || (flags & PF_FORKNOEXEC);
}

// Passes the child's steps on until its end of the line closes, which exec does.
static void follow(int line, int64_t deadline_ms) {
  for (;;) {
    struct note note;
    if (!ready_before(line, deadline_ms)) {
      give_up(STEP_TIMEOUT, ETIMEDOUT, "the new process did not reach exec in time (is its group frozen, or full?)", request.argv[0]);
    }
    ssize_t n = recv(line, &note, sizeof note, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    if (note.number != 0) give_up((enum step)note.step, note.number, NULL, note.what);
    status_step((enum step)note.step, 0, note.what[0] == '\0' ? NULL : note.what);
  }
  // A child killed on the way closes the line as well.
  if (never_executed(child)) give_up(STEP_CHILD, ECHILD, "the new process was killed before exec (is its memory limit too low?)", request.argv[0]);
}

// From here nobody is told anything: what was the caller's is let go, so that it sees the end of the status and of our stdio.
static void let_go(void) {
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int fd = 0; fd <= STATUS_FD; fd++) {
    if (fd <= 2 && null >= 0) dup2(null, fd);
    else close(fd);
  }
  if (null >= 0) close(null);
  free(request_text);
  malloc_trim(0);
}

int main(void) {
  own_descriptors();
  stand_alone();
  struct refusal refusal;
  size_t length = read_request();
  if (!request_parse(&request, request_text, length, &refusal)) give_up(STEP_REQUEST, EINVAL, refusal.message, refusal.what);
  struct output output = {.max = request.output_max};
  const char *what;
  if (!output_open(&output, request.dir, &what)) give_up(STEP_OUTPUT, errno, NULL, what);
  // Every descriptor from here on is close-on-exec and above STATUS_FD, which stays open until the program runs.
  int line[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) < 0) give_up(STEP_OUTPUT, errno, NULL, "descriptors");
  bool user = request.namespaces & CLONE_NEWUSER;
  uid_t uid = user ? map_outside(&request.uid_maps, 0) : request.uid;
  gid_t gid = user ? map_outside(&request.gid_maps, 0) : request.gid;
  struct ends ends;
  struct ends_plan plan = {.uid = uid, .gid = gid, .size = request.tty ? &request.window : NULL, .dir = output.dir};
  if (!ends_open(&ends, &plan, &what)) give_up(STEP_OUTPUT, errno, NULL, what);
  if (request.tty) socket_dir = output.dir;

  int64_t deadline_ms = now_ms() + request.timeout_ms;
  start(&(struct child_end){.line = line[1], .launchers_line = line[0], .inside = {ends.inside[0], ends.inside[1], ends.inside[2]}});
  close(line[1]);
  ends_let_go(&ends);
  if (user) {
    write_map("uid_map", &request.uid_maps);
    write_map("gid_map", &request.gid_maps);
    status_step(STEP_MAPS, 0, NULL);
  }
  for (size_t i = 0; i < request.groups; i++) {
    const char *message = NULL;
    if (!group_join(request.procs[i], child, &message)) give_up(STEP_GROUPS, errno, message, request.procs[i]);
  }
  status_step(STEP_GROUPS, 0, NULL);
  (void)!send(line[0], "", 1, MSG_NOSIGNAL);  // to a child that was killed meanwhile: follow finds out
  follow(line[0], deadline_ms);
  close(line[0]);
  struct monitor monitor = {
    .output = &output, .pid = child, .pidfd = child_pidfd, .started_ms = clock_ms(CLOCK_BOOTTIME),
    .out = ends.out, .err = ends.err, .master = ends.master, .listener = ends.listener,
  };
  status_step(STEP_EXEC, child, NULL);
  let_go();
  monitor_run(&monitor);
  return 0;
}
