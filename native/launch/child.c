// What the new process does to itself. It goes from much privilege to none, and the order of the steps is what makes it safe:
// each comment says what must hold. It shares no memory with the launcher and may not return, allocate or use stdio.
#define _GNU_SOURCE
#include "child.h"
#include "search.h"
#include "tty.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// Where the line to the launcher is once stdio is in place; everything above it is closed.
enum { LINE_FD = 3 };

static int line;

static void say(enum step step, int number, const char *what) {
  struct note note = {.step = (int32_t)step, .number = number};
  size_t length = strnlen(what, WHAT_MAX - 1);
  memcpy(note.what, what, length);
  // With the launcher gone there is nobody to tell; die_with_launcher ends this process.
  (void)!send(line, &note, offsetof(struct note, what) + length + 1, MSG_NOSIGNAL);
}

static void done(enum step step) { say(step, 0, ""); }

// The errno of the call that failed goes along.
_Noreturn static void fail(enum step step, const char *what) {
  say(step, errno, what);
  _exit(1);
}

// Until exec this process must not outlive the launcher: nobody would know of it. The kernel's signal covers a launcher that
// ends later, the look at the line one that ended before.
static void die_with_launcher(void) {
  struct pollfd ends = {.fd = line};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail(STEP_CHILD, "PR_SET_PDEATHSIG");
  if (poll(&ends, 1, 0) != 0) _exit(1);
}

// From here the program lives on if the monitor dies. Looking after letting go means that a launcher which died before
// takes us along; only one that dies between this look and exec leaves the program running.
static void live_without_launcher(void) {
  struct pollfd ends = {.fd = line};
  prctl(PR_SET_PDEATHSIG, 0);
  if (poll(&ends, 1, 0) != 0) _exit(1);
}

// The launcher sends one byte when the groups and the id maps are in place; its death reads as the end.
static void wait_for_release(void) {
  char byte;
  ssize_t n;
  while ((n = recv(line, &byte, 1, 0)) < 0 && errno == EINTR) {}
  if (n != 1) _exit(1);
}

// After this only stdin, stdout, stderr and the line are open: nothing of the agent can leak into the program, not even
// through a working directory under /proc/self/fd.
static void own_descriptors(const struct child_end *end) {
  for (int fd = 0; fd <= 2; fd++) {
    if (dup2(end->inside[fd], fd) < 0) fail(STEP_STDIO, "dup2");
  }
  if (dup3(end->line, LINE_FD, O_CLOEXEC) < 0) fail(STEP_STDIO, "dup3");
  line = LINE_FD;
  if (close_range(LINE_FD + 1, ~0u, 0) < 0) fail(STEP_STDIO, "close_range");
  done(STEP_STDIO);
}

static void own_mounts(const struct request *request) {
  bool mounts = request->namespaces & CLONE_NEWNS;
  bool pids = request->namespaces & CLONE_NEWPID;
  if (mounts) {
    // Before any mount: with shared propagation ours would appear on the host.
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) fail(STEP_MOUNTS, "/");
    done(STEP_MOUNTS);
  }
  if (mounts && pids) {
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0) fail(STEP_PROC, "/proc");
    done(STEP_PROC);
  } else if (pids) {
    say(STEP_PROC, 0, "not mounted: without a mount namespace of its own it would cover the host's /proc");
  }
}

static void own_hostname(const struct request *request) {
  if (request->hostname == NULL) return;
  if (sethostname(request->hostname, strlen(request->hostname)) < 0) fail(STEP_HOSTNAME, request->hostname);
  done(STEP_HOSTNAME);
}

static void loopback_up(const struct request *request) {
  if (!(request->namespaces & CLONE_NEWNET)) return;
  struct ifreq lo = {.ifr_name = "lo"};
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any < 0) fail(STEP_LOOPBACK, "socket");
  if (ioctl(any, SIOCGIFFLAGS, &lo) < 0) fail(STEP_LOOPBACK, "lo");
  lo.ifr_flags = (short)(lo.ifr_flags | IFF_UP);
  if (ioctl(any, SIOCSIFFLAGS, &lo) < 0) fail(STEP_LOOPBACK, "lo");
  close(any);
  done(STEP_LOOPBACK);
}

// While CAP_SETPCAP is still there. An empty bounding set is what keeps exec from giving capabilities back to uid 0 or by a
// file's own (capabilities(7)). The kernel knows more of them than we do, so it says where they end.
static void empty_bounding_set(void) {
  for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++) {}
  if (errno != EINVAL || prctl(PR_CAPBSET_READ, 0, 0, 0, 0) != 0) fail(STEP_CAPABILITIES, "PR_CAPBSET_DROP");
}

// Groups first, then gid, then uid: each needs what the next gives away. All three ids are set, so that no saved one can be
// taken back. In a user namespace the ids are its root, which is nobody outside.
static void become(const struct request *request) {
  bool user = request->namespaces & CLONE_NEWUSER;
  gid_t gid = user ? 0 : request->gid;
  uid_t uid = user ? 0 : request->uid;
  if (setgroups(0, NULL) < 0) fail(STEP_IDS, "setgroups");
  if (setresgid(gid, gid, gid) < 0) fail(STEP_IDS, "setresgid");
  if (setresuid(uid, uid, uid) < 0) fail(STEP_IDS, "setresuid");
  // The kernel forgets the parent-death signal when ids change.
  die_with_launcher();
  done(STEP_IDS);
}

// Effective, permitted and inheritable go; with them gone the ambient set cannot hold anything, but is emptied all the same.
static void drop_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) fail(STEP_CAPABILITIES, "PR_CAP_AMBIENT_CLEAR_ALL");
  if (syscall(SYS_capset, &header, none) < 0) fail(STEP_CAPABILITIES, "capset");
  done(STEP_CAPABILITIES);
}

static void no_new_privileges(void) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) fail(STEP_PRIVILEGES, "PR_SET_NO_NEW_PRIVS");
  done(STEP_PRIVILEGES);
}

// Ignored signals and the mask survive exec: a program that never expects it would inherit the launcher's.
static void default_signals(void) {
  struct sigaction standard = {.sa_handler = SIG_DFL};
  sigset_t none;
  // Refused for SIGKILL, SIGSTOP and the two that the C library keeps: these are at their defaults.
  for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void child_run(const struct request *request, const struct child_end *end) {
  line = end->line;
  close(end->launchers_line);
  die_with_launcher();
  wait_for_release();
  if (request->namespaces & CLONE_NEWCGROUP) {
    // The namespace's root is the group that one is in at this moment: the launcher has moved us before it released us.
    if (unshare(CLONE_NEWCGROUP) < 0) fail(STEP_CGROUP, "unshare");
    done(STEP_CGROUP);
  }
  own_descriptors(end);
  own_mounts(request);
  own_hostname(request);
  loopback_up(request);
  if (setsid() < 0) fail(STEP_SESSION, "setsid");
  if (request->tty && !tty_control()) fail(STEP_SESSION, "TIOCSCTTY");
  done(STEP_SESSION);
  empty_bounding_set();
  become(request);
  drop_capabilities();
  no_new_privileges();
  // As the program's own ids: root's reach must not put it into a directory that it could not enter itself.
  if (chdir(request->cwd) < 0) fail(STEP_CWD, request->cwd);
  done(STEP_CWD);
  default_signals();
  live_without_launcher();
  char tried[PATH_SEARCH_MAX];
  search_and_exec(request->argv, request->env, tried);
  fail(STEP_EXEC, tried);
}
