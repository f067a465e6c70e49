// Sends notes from the child to the launcher. What the child calls must not allocate or use stdio.
#define _GNU_SOURCE
#include "line.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

// With an init, two processes send notes: the kernel adds the sender's pid, as it is in our namespace (unix(7)).
bool line_receive(int fd, struct note *note, pid_t *sender, int *master) {
  union { char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))]; struct cmsghdr aligned; } space;
  struct iovec text = {note, sizeof *note};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = space.bytes, .msg_controllen = sizeof space};
  if (TEMP_FAILURE_RETRY(recvmsg(fd, &message, MSG_CMSG_CLOEXEC)) <= 0) return false;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    struct ucred who;
    if (header->cmsg_type == SCM_RIGHTS) memcpy(master, CMSG_DATA(header), sizeof *master);
    if (header->cmsg_type != SCM_CREDENTIALS) continue;
    memcpy(&who, CMSG_DATA(header), sizeof who);
    *sender = who.pid;
  }
  return true;
}

static int line = -1;

void line_use(int fd) { line = fd; }

// Steps that are done but not sent yet. Sent together, because waking the launcher takes longer than most steps.
static enum step unsent[32];
static size_t unsent_count;

static void send_note(enum step step, int number, const char *message, const char *what) {
  struct note note = {.step = (int32_t)step, .number = number};
  memcpy(note.message, message, strnlen(message, MESSAGE_MAX - 1));
  size_t length = strnlen(what, WHAT_MAX - 1);
  memcpy(note.what, what, length);
  // An error means that the launcher has died; die_with_launcher ends this process.
  (void)!send(line, &note, offsetof(struct note, what) + length + 1, MSG_NOSIGNAL);
}

void send_done(void) {
  for (size_t i = 0; i < unsent_count; i++) send_note(unsent[i], 0, "", "");
  unsent_count = 0;
}

void done(enum step step) {
  if (unsent_count == sizeof unsent / sizeof *unsent) send_done();
  unsent[unsent_count++] = step;
}

void done_with_remark(enum step step, const char *remark) {
  send_done();
  send_note(step, 0, "", remark);
}

void done_with_master(enum step step, int master) {
  union { char bytes[CMSG_SPACE(sizeof(int))]; struct cmsghdr aligned; } space = {0};
  struct note note = {.step = (int32_t)step};
  struct iovec text = {&note, offsetof(struct note, what) + 1};
  struct msghdr message = {.msg_iov = &text, .msg_iovlen = 1, .msg_control = space.bytes, .msg_controllen = sizeof space.bytes};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof master)};
  memcpy(CMSG_DATA(header), &master, sizeof master);
  send_done();
  (void)!sendmsg(line, &message, MSG_NOSIGNAL);
}

_Noreturn void fail_because(enum step step, const char *message, const char *what) {
  int error = errno;
  send_done();
  send_note(step, error, message, what);
  _exit(1);
}

_Noreturn void fail(enum step step, const char *what) { fail_because(step, "", what); }

// Before exec this process must not outlive the launcher, as nothing would know of it. The signal covers a launcher that ends later, the poll
// of the line one that ended before.
void die_with_launcher(void) {
  struct pollfd ends = {.fd = line};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) fail(STEP_CHILD, "PR_SET_PDEATHSIG");
  if (poll(&ends, 1, 0) != 0) _exit(1);
}

// Polls after resetting the signal, so that only a launcher that dies between this poll and exec leaves the program running.
void outlive_launcher(void) {
  struct pollfd ends = {.fd = line};
  send_done();
  prctl(PR_SET_PDEATHSIG, 0);
  if (poll(&ends, 1, 0) != 0) _exit(1);
}
