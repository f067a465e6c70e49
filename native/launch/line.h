// The child's line to the launcher: reports the child's steps, and ends the child if the launcher dies before exec.
#pragma once
#include "status.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// A message on a SOCK_SEQPACKET pair: a step is done (number 0, `what` a note or empty) or failed. The pair is close-on-exec, so its end
// without a failure means that the program runs.
enum { MESSAGE_MAX = 224 };
struct note {
  int32_t step, number;
  // Instead of the errno's own; or empty.
  char message[MESSAGE_MAX];
  char what[WHAT_MAX];
};

// Called by the launcher: receives one note. With SO_PASSCRED, `sender` is set to the sender's pid in our namespace. False at the end of the
// line. If the note brings the terminal's master, that is set, too.
bool line_receive(int fd, struct note *note, pid_t *sender, int *master);

// All functions below are called by the child and use this descriptor.
void line_use(int fd);

// Sent with the next failure or remark, or by send_done.
void done(enum step step);
void send_done(void);
void done_with_master(enum step step, int master);
void done_with_remark(enum step step, const char *remark);
// Reports the step with errno, and exits.
_Noreturn void fail(enum step step, const char *what);
// The same with a message, or with that of errno where it is "".
_Noreturn void fail_because(enum step step, const char *message, const char *what);

// Lets the kernel kill this process when the launcher ends. To be repeated after changes of ids or capabilities, which reset it.
void die_with_launcher(void);

// Lets the program survive the monitor's end.
void outlive_launcher(void);
