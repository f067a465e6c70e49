// The launcher: reads a request on descriptor 3, starts the program in its namespaces and groups, reports each step on descriptor 4,
// and stays as the program's monitor. Exit code 1 means that nothing was started: the status has the reason, and the child has ended.
#define _GNU_SOURCE
#include "caller.h"
#include "calls.h"
#include "channels.h"
#include "child.h"
#include "clock.h"
#include "exit-record.h"
#include "groups.h"
#include "init.h"
#include "join.h"
#include "limits.h"
#include "line.h"
#include "monitor.h"
#include "process.h"
#include "release.h"
#include "rootless.h"
#include "seccomp.h"
#include "trees.h"
#include "values.h"
#include "wait.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// How long to wait for a killed child before moving it out of a possibly frozen group, and then before giving it up.
enum { REAP_MS = 500, REAP_FROZEN_MS = 5000 };

static struct request request;
// A cgroup.procs file of the program's group, for after the request is freed; "" for none.
static char kept_procs[PATH_MAX];
// The strings of the request point into it.
static char *request_text;
static pid_t child;
static int child_pidfd = -1;
// The directory of tty.sock, once that is made.
static int socket_dir = -1;
// The child, or, with an init, the init's child.
static pid_t program;

// No failed launch leaves a process behind.
static void end_child(void) {
  if (child == 0) return;
  syscall(SYS_pidfd_send_signal, child_pidfd, SIGKILL, NULL, 0);
  if (!ready_before(child_pidfd, now_ms() + REAP_MS)) {
    for (size_t i = 0; i < request.groups; i++) group_leave(request.procs[i], child);
    ready_before(child_pidfd, now_ms() + REAP_FROZEN_MS);
  }
  // If it still has not ended, it ends when it is thawed; waiting for that might take for ever.
  waitpid(child, NULL, WNOHANG);
}

// The error is reported after the child has ended, so that the caller can remove the groups at once.
_Noreturn static void give_up(enum step step, int number, const char *message, const char *what) {
  end_child();
  if (socket_dir >= 0) unlinkat(socket_dir, "tty.sock", 0);
  status_error(step, number, message, what);
  exit(1);
}

// The child itself enters namespaces to join, and makes the cgroup namespace once it is in its groups. A time namespace was made before,
// because a process can only be created in it.
static void clone_child(const struct channels *channels, int joined) {
  struct clone_args args = {
    .flags = (request.join != 0 ? 0 : request.namespaces & ~(uint64_t)(CLONE_NEWCGROUP | CLONE_NEWTIME)) | CLONE_PIDFD,
    .pidfd = (uint64_t)(uintptr_t)&child_pidfd,
    .exit_signal = SIGCHLD,
  };
  bool keep_groups = rootless_keeps_groups();
  // Created in its v2 group, it is charged and limited there from its first page on; after a move, earlier memory stays charged to us.
  // With v1 hierarchies it has other groups to join anyway, so there is no gain.
  int group = request.groups == 1 ? group_directory(request.procs[0]) : -1;
  if (group >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = (unsigned)group;
  }
  // Without a stack and shared memory the child continues here with a copy of everything, as after fork.
  long pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0 && group >= 0) {
    // Before Linux 5.7, or if the group refuses the process: join_groups later moves it or reports the reason.
    args.flags &= ~(uint64_t)CLONE_INTO_CGROUP;
    args.cgroup = 0;
    pid = syscall(SYS_clone3, &args, sizeof args);
  }
  if (pid == 0) child_run(&request, channels, joined, keep_groups);
  int error = errno;
  if (group >= 0) close(group);
  if (request.join != 0 || (request.namespaces & CLONE_NEWTIME)) children_in_own_namespaces();
  if (pid < 0) give_up(STEP_CLONE, error, NULL, "clone3");
  program = child = (pid_t)pid;
  status_step(STEP_CLONE, child, NULL);
}

static void write_maps(void) {
  char path[MAP_PATH_MAX];
  if (!map_write(child, "uid_map", &request.uid_maps, path) || !map_write(child, "gid_map", &request.gid_maps, path)) {
    give_up(STEP_MAPS, errno, NULL, path);
  }
  status_step(STEP_MAPS, 0, NULL);
}

static void join_groups(void) {
  for (size_t i = 0; i < request.groups; i++) {
    const char *message = NULL;
    if (!group_join(request.procs[i], child, &message)) give_up(STEP_GROUPS, errno, message, request.procs[i]);
  }
  status_step(STEP_GROUPS, 0, NULL);
}

// Without a time limit for the caller. Fails if the child ends meanwhile.
static void wait_for_go(void) {
  struct pollfd waits[2] = {{.fd = GO_FD, .events = POLLIN}, {.fd = child_pidfd, .events = POLLIN}};
  char byte;
  status_step(STEP_READY, child, NULL);
  while (waits[0].revents == 0 && waits[1].revents == 0) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) give_up(STEP_READY, errno, NULL, "descriptor 5");
  }
  if (waits[1].revents != 0) give_up(STEP_CHILD, ECHILD, "the new process was killed before exec", request.argv[0]);
  if (read(GO_FD, &byte, 1) != 1) give_up(STEP_READY, ECANCELED, "cancelled by the caller", "descriptor 5");
  close(GO_FD);
}

// Sends the root's mounts with the release, and closes them here.
static void release(int line) {
  struct trees trees;
  memset(&trees, -1, sizeof trees);
  if (request_has_root(&request)) {
    release_note(&request);
    struct trees_fault fault;
    const char *note = NULL;
    if (!trees_make(&request, child, &trees, &note, &fault)) give_up(STEP_TREES, errno, fault.message, fault.what);
    status_step(STEP_TREES, 0, note);
  }
  trees_send(line, &trees);  // fails if the child was killed, which follow reports
  trees_close(&trees);
}

// Reports the child's steps until its end of the line closes at exec.
static void follow(struct channels *channels, int64_t deadline_ms) {
  int line = channels->line[0];
  for (;;) {
    struct note note;
    if (!ready_before(line, deadline_ms)) {
      give_up(STEP_TIMEOUT, ETIMEDOUT, "the new process did not reach exec in time (is its group frozen or at its limits?)", request.argv[0]);
    }
    int master = -1;
    if (!line_receive(line, &note, &program, &master)) break;
    if (master >= 0) channels_take_master(channels, master);
    if (note.number != 0) give_up((enum step)note.step, note.number, note.message[0] == '\0' ? NULL : note.message, note.what);
    status_step((enum step)note.step, 0, note.what[0] == '\0' ? NULL : note.what);
  }
  // The line closes also if the child is killed.
  bool split = !request.init || program != child;
  int status;
  if (never_executed(program, &status) || !split) give_up(STEP_CHILD, ECHILD, why_ended(status), request.argv[0]);
}

// Reads and checks the request. Without root, executes the launcher again with the same request where it is root.
static void take_request(void) {
  struct refusal refusal;
  const char *what, *message;
  size_t length = caller_read_request(&request_text);
  if (geteuid() != 0) {
    rootless_execute(request_text, length, &what);
    give_up(STEP_ROOTLESS, errno, NULL, what);
  }
  if (!request_parse(&request, request_text, length, &refusal)) give_up(STEP_REQUEST, EINVAL, refusal.message, refusal.what);
  if (!limits_resolve(&request, &message, &what)) give_up(STEP_LIMITS, errno, message, what);
  if (!request.go) close(GO_FD);
  else if (fcntl(GO_FD, F_GETFD) < 0) give_up(STEP_REQUEST, EBADF, "needs descriptor 5", "go");
}

// Opens the process to join, or makes the time namespace, which the child inherits from the clone. Returns the pidfd, -1 for none.
static int prepare_namespaces(void) {
  const char *message = NULL;
  int joined = request.join != 0 ? join_open(&request, &message) : -1;
  if (request.join != 0 && joined < 0) give_up(STEP_JOIN, errno, message, "join");
  if (request.join == 0 && (request.namespaces & CLONE_NEWTIME) && !time_prepare()) give_up(STEP_TIME, errno, NULL, "/proc/self/timens_offsets");
  return joined;
}

static void start(struct channels *channels) {
  int joined = prepare_namespaces();
  clone_child(channels, joined);
  channels_close_inside(channels);
  if (joined >= 0) close(joined);
}

// Gives the child what it cannot give itself, releases it, and returns once the program runs.
static void set_up(struct channels *channels, int64_t deadline_ms) {
  const char *what;
  if ((request.namespaces & CLONE_NEWUSER) && request.join == 0) write_maps();
  join_groups();
  if (!limits_allow(&request, child, &what)) give_up(STEP_LIMITS, errno, NULL, what);
  if (request.go) {
    wait_for_go();
    deadline_ms = now_ms() + request.timeout_ms;
  }
  release(channels->line[0]);
  follow(channels, deadline_ms);
  close(channels->line[0]);
  if (!request.init) return;
  if (!init_release(channels->report[0], deadline_ms)) {
    give_up(STEP_CHILD, ECHILD, "init was killed or frozen before the program ran", request.argv[0]);
  }
  init_watch(channels->report[0], program);
}

int main(void) {
  caller_keep_descriptors();
  caller_detach();
  take_request();
  const char *what;
  struct output output = {.max = request.output_max};
  if (!output_open(&output, request.dir, request.append, &what)) give_up(STEP_OUTPUT, errno, NULL, what);
  struct channels channels;
  if (!channels_open(&channels, &request, output.dir, &what)) give_up(STEP_OUTPUT, errno, NULL, what);
  if (request.tty) socket_dir = output.dir;
  bool apart = (request.namespaces & CLONE_NEWPID) && (request.namespaces & CLONE_NEWUSER);
  seccomp_compose(request.kept | (apart ? OWN_PROCESSES : 0), request.unfiltered);
  int64_t deadline_ms = now_ms() + request.timeout_ms;
  start(&channels);
  set_up(&channels, deadline_ms);
  struct monitor monitor = {
    .output = &output, .pid = child, .pidfd = child_pidfd, .started_ms = clock_ms(CLOCK_BOOTTIME),
    .out = channels.out, .err = channels.err, .master = channels.master, .listener = channels.listener,
    .rest = {.procs = kept_procs, .init = request.init ? child : 0, .grace_ms = request.grace_ms},
  };
  if (request.groups > 0) snprintf(kept_procs, sizeof kept_procs, "%s", request.procs[0]);
  status_step(STEP_EXEC, program, NULL);
  caller_close();
  free(request_text);
  release_begin(child);
  malloc_trim(0);
  monitor_run(&monitor);
  return 0;
}
