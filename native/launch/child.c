// Sets up the new process from the inside. It begins with many privileges and ends with few; the order of the steps makes this safe, and the
// comments say what must hold. It is a copy of the launcher and must not return, allocate or use stdio.
#define _GNU_SOURCE
#include "child.h"
#include "defaults.h"
#include "explain.h"
#include "init.h"
#include "join.h"
#include "limits.h"
#include "line.h"
#include "privilege.h"
#include "search.h"
#include "seccomp.h"
#include "trees.h"
#include "tty.h"
#include "user.h"
#include "view.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// The numbers of the line to the launcher and of init's report once stdio is in place; all descriptors above are closed.
enum { LINE_FD = 3, REPORT_FD = 4 };

// After this only stdin, stdout, stderr, the line and the report are open, so that the program gets no descriptor of the agent, not even
// through a working directory under /proc/self/fd.
static void own_descriptors(const struct channels *channels, const struct request *request) {
  int report = channels->report[1], inside[3];
  channels_open_inside(channels, request, inside);
  for (int fd = 0; fd <= 2; fd++) {
    if (dup2(inside[fd], fd) < 0) fail(STEP_STDIO, "dup2");
  }
  if (dup3(channels->line[1], LINE_FD, O_CLOEXEC) < 0) fail(STEP_STDIO, "dup3");
  line_use(LINE_FD);
  if (report >= 0 && dup3(report, REPORT_FD, O_CLOEXEC) < 0) fail(STEP_STDIO, "dup3");
  if (close_range(report >= 0 ? REPORT_FD + 1 : LINE_FD + 1, ~0u, 0) < 0) fail(STEP_STDIO, "close_range");
  if (inside[0] == channels->inside[0]) done(STEP_STDIO);
}

static void enter_namespaces(const struct request *request, int joined, bool keep_groups) {
  if (request->join != 0) {
    join_enter(request, joined);
  } else if (request->namespaces & CLONE_NEWCGROUP) {
    // The process's present group becomes the root of the namespace: the launcher moved it there before it released this process.
    if (unshare(CLONE_NEWCGROUP) < 0) fail(STEP_CGROUP, "unshare");
    done(STEP_CGROUP);
  }
  if (!(request->namespaces & CLONE_NEWUSER)) return;
  // At once, so that all mounts and files have an owner that the namespace maps. Capabilities in the namespace stay.
  die_with_launcher();
  privilege_become(request, keep_groups);
}

static void own_mounts(const struct request *request, const struct trees *trees) {
  if (request->join != 0) return;
  bool mounts = request->namespaces & CLONE_NEWNS;
  bool pids = request->namespaces & CLONE_NEWPID;
  if (mounts) {
    // Before any mount: with shared propagation, new mounts would appear on the host.
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail(STEP_MOUNTS, "/");
    done(STEP_MOUNTS);
  }
  if (request_has_root(request)) {
    view_enter(request, trees);
  } else if (mounts && pids) {
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) fail(STEP_PROC, "/proc");
    done(STEP_PROC);
  } else if (pids) {
    done_with_remark(STEP_PROC, "not mounted: without a mount namespace it would cover the host's /proc");
  }
}

static void own_hostname(const struct request *request) {
  if (request->hostname == NULL) return;
  if (sethostname(request->hostname, strlen(request->hostname)) < 0) fail(STEP_HOSTNAME, request->hostname);
  done(STEP_HOSTNAME);
}

static void loopback_up(const struct request *request) {
  if (!(request->namespaces & CLONE_NEWNET) || request->join != 0) return;
  struct ifreq lo = {.ifr_name = "lo"};
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) fail(STEP_LOOPBACK, "socket");
  if (ioctl(any, SIOCGIFFLAGS, &lo) < 0) fail(STEP_LOOPBACK, "lo");
  lo.ifr_flags = (short)(lo.ifr_flags | IFF_UP);
  if (ioctl(any, SIOCSIFFLAGS, &lo) < 0) fail(STEP_LOOPBACK, "lo");
  close(any);
  done(STEP_LOOPBACK);
}

static void own_session(const struct request *request) {
  if (setsid() < 0) fail(STEP_SESSION, "setsid");
  if (request->tty && !tty_control()) fail(STEP_SESSION, "TIOCSCTTY");
  done(STEP_SESSION);
}

// With the program's ids, so that root's rights do not bring it into a directory that it could not enter itself. A directory outside of the
// root, reached by a descriptor or a moved mount, has no path (CVE-2024-21626).
static void own_directory(const struct request *request) {
  char here[PATH_MAX];
  // No magic links of /proc, which lead to open files and not to the path that they show.
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
  int dir = (int)syscall(SYS_openat2, AT_FDCWD, request->cwd, &how, sizeof how);
  if (dir < 0 || fchdir(dir) < 0) fail(STEP_CWD, request->cwd);
  close(dir);
  if (syscall(SYS_getcwd, here, sizeof here) < 0) fail(STEP_CWD, request->cwd);
  errno = EXDEV;
  if (here[0] != '/') fail(STEP_CWD, request->cwd);
  done(STEP_CWD);
}

// Ignored signals and the signal mask survive exec, so they are reset.
static void default_signals(void) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigset_t none;
  // Fails for SIGKILL, SIGSTOP and the two signals of the C library, which have their defaults.
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void child_run(struct request *request, const struct channels *channels, int joined, bool keep_groups) {
  struct trees trees;
  bool user = request->namespaces & CLONE_NEWUSER;
  line_use(channels->line[1]);
  // While a copy is open here, the end of the launcher would go unnoticed.
  close(channels->line[0]);
  privilege_hide();
  die_with_launcher();
  privilege_own_keys();
  defaults_own();
  if (!trees_receive(channels->line[1], &trees)) _exit(1);
  enter_namespaces(request, joined, keep_groups);
  // With the rights of the user namespace's root. Mounts that need the host's rights were made by the launcher and arrived as descriptors.
  own_mounts(request, &trees);
  own_descriptors(channels, request);
  own_hostname(request);
  loopback_up(request);
  if (!request->init) own_session(request);
  privilege_bound(request->kept);
  uid_t uid = user ? 0 : request->uid;
  if (!user) privilege_become(request, false);
  else if (request->user != NULL || request->group != NULL) uid = user_become(request);
  // Without no_new_privs the filter needs a capability that is dropped next; with it, the filter comes last.
  if (request->may_gain_privileges) seccomp_install();
  privilege_keep(request->kept, uid == 0);
  if (!request->may_gain_privileges) privilege_no_new();
  die_with_launcher();
  privilege_hide();
  own_directory(request);
  if (!request->may_gain_privileges) seccomp_install();
  // Only the program leads the session, so that init does not get the terminal's signals.
  if (request->init) init_split(REPORT_FD);
  if (request->init) own_session(request);
  limits_take(request);
  default_signals();
  outlive_launcher();
  char tried[PATH_SEARCH_MAX], why[MESSAGE_MAX];
  search_and_exec(request->argv, request->env, tried);
  int error = errno;
  exec_explain(why, sizeof why, error, tried, request->argv, request->env);
  errno = error;
  fail_because(STEP_EXEC, why, tried);
}
