// Init has fewer privileges than the program: no capabilities, no_new_privs, the filter, not traceable, and only the descriptor for its report.
#define _GNU_SOURCE
#include "init.h"
#include "line.h"
#include "privilege.h"
#include "wait.h"
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// How often orphans are reaped once the program has ended.
enum { REAP_MS = 20 };

// Signals the program's process group, as a terminal would, or the program itself while it has no group yet.
static void forward(int number, pid_t program) {
  if (kill(-program, number) < 0) kill(program, number);
}

// Returns whether the program has ended, which is reported.
static bool reap(pid_t program, int report) {
  struct program_end end;
  memset(&end, 0, sizeof end);
  pid_t pid;
  while ((pid = wait4(-1, &end.status, WNOHANG, &end.usage)) > 0) {
    if (pid != program) continue;
    (void)!send(report, &end, sizeof end, MSG_NOSIGNAL | MSG_DONTWAIT);
    return true;
  }
  return false;
}

// The rest of the namespace runs until the monitor closes its side or has ended: when init ends, the kernel kills it.
_Noreturn static void end_with_rest(int report) {
  struct pollfd answer = {.fd = report, .events = POLLIN};
  while (poll(&answer, 1, REAP_MS) <= 0) {
    while (waitpid(-1, NULL, WNOHANG) > 0) {}
  }
  _exit(0);
}

// Waits until the launcher has seen that the program runs. Ends if the launcher has died.
static void wait_for_launcher(int report) {
  char byte;
  if (TEMP_FAILURE_RETRY(recv(report, &byte, 1, 0)) != 1) _exit(1);
  prctl(PR_SET_PDEATHSIG, 0);
  (void)!send(report, "", 1, MSG_NOSIGNAL);
}

_Noreturn static void run(pid_t program, int report, const sigset_t *all) {
  // Closes the line too: the launcher sees its end, at the program's exec, only if no copy stays open.
  close_range(0, (unsigned)report - 1, 0);
  close_range((unsigned)report + 1, ~0u, 0);
  prctl(PR_SET_NAME, "cgdeck-init");
  wait_for_launcher(report);
  while (!reap(program, report)) {
    int number = sigwaitinfo(all, NULL);
    if (number > 0 && number != SIGCHLD) forward(number, program);
  }
  end_with_rest(report);
}

void init_split(int report) {
  sigset_t all, before;
  sigfillset(&all);
  // Blocked signals wait for sigwaitinfo; unblocked ones without a handler would not be delivered to pid 1 (pid_namespaces(7)).
  sigprocmask(SIG_SETMASK, &all, &before);
  // Before the clone, so that the notes have the sender that did the steps.
  send_done();
  // Not clone3, which the filter refuses.
  long program = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
  if (program < 0) fail(STEP_INIT, "clone");
  if (program > 0) {
    privilege_none();
    // The change of capabilities has reset both.
    die_with_launcher();
    privilege_hide();
    run((pid_t)program, report, &all);
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  done(STEP_INIT);
}

bool init_release(int report, int64_t deadline_ms) {
  char byte;
  return send(report, "", 1, MSG_NOSIGNAL) == 1 && ready_before(report, deadline_ms) && recv(report, &byte, 1, 0) == 1;
}

static int watched_report = -1;
static pid_t watched_program;

void init_watch(int report, pid_t program) {
  watched_report = report;
  watched_program = program;
}

int init_report(void) { return watched_report; }

void init_dismiss(void) {
  // Not a message: one that init left unread would make the kernel drop its report (unix(7), ECONNRESET).
  if (watched_report >= 0) shutdown(watched_report, SHUT_WR);
}

void init_end(siginfo_t *end, struct rusage *usage) {
  struct program_end report;
  if (watched_report < 0) return;
  end->si_pid = watched_program;
  if (recv(watched_report, &report, sizeof report, MSG_DONTWAIT) != (ssize_t)sizeof report) return;
  bool exited = WIFEXITED(report.status);
  end->si_code = exited ? CLD_EXITED : WCOREDUMP(report.status) ? CLD_DUMPED : CLD_KILLED;
  end->si_status = exited ? WEXITSTATUS(report.status) : WTERMSIG(report.status);
  if (usage != NULL) *usage = report.usage;
}
