// The child's line to the launcher: what it says of its steps, and how neither outlives the other before exec.
#pragma once
#include "status.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// One message of a SOCK_SEQPACKET pair each: a step is done (number 0, `what` a note or empty) or failed. The pair is close-on-exec:
// its end without a failure means that the program runs.
struct note {
  int32_t step, number;
  char what[WHAT_MAX];
};

// The launcher's end: one note. Where the line passes credentials (SO_PASSCRED), `sender` becomes the pid of who said it, as it is here.
// False at the end of the line.
bool line_hear(int line, struct note *note, pid_t *sender);

// Every function below is the child's, and speaks on this descriptor.
void line_use(int fd);

void say(enum step step, int number, const char *what);
// Told with the next thing that is said, or by tell_all.
void done(enum step step);
void tell_all(void);
// The errno of the call that failed goes along.
_Noreturn void fail(enum step step, const char *what);

// From here the kernel ends this process with the launcher. It forgets that when ids or capabilities change: then again.
void die_with_launcher(void);

// From here the program lives on if the monitor dies.
void live_without_launcher(void);
