// Writes the status lines. A line that cannot be written is dropped, so that the launcher does not depend on its caller.
#define _GNU_SOURCE
#include "status.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const names[] = {
  [STEP_REQUEST] = "request", [STEP_ROOTLESS] = "rootless", [STEP_OUTPUT] = "output", [STEP_TIME] = "time", [STEP_JOIN] = "join", [STEP_CLONE] = "clone",
  [STEP_MAPS] = "maps", [STEP_GROUPS] = "groups", [STEP_LIMITS] = "limits", [STEP_READY] = "ready", [STEP_TREES] = "trees",
  [STEP_CHILD] = "child", [STEP_CGROUP] = "cgroup", [STEP_IDS] = "ids", [STEP_MOUNTS] = "mounts", [STEP_PROC] = "proc",
  [STEP_VIEW] = "view", [STEP_BIND] = "bind", [STEP_ROOT] = "root", [STEP_STDIO] = "stdio", [STEP_HOSTNAME] = "hostname",
  [STEP_LOOPBACK] = "loopback", [STEP_SESSION] = "session", [STEP_USER] = "user", [STEP_CAPABILITIES] = "capabilities", [STEP_PRIVILEGES] = "privileges",
  [STEP_CWD] = "cwd", [STEP_SECCOMP] = "seccomp", [STEP_INIT] = "init", [STEP_EXEC] = "exec", [STEP_TIMEOUT] = "timeout",
};

// Has room for the longest `what` and message with all bytes escaped (\u00xx), so that JSON is never cut.
struct line {
  char text[6 * (WHAT_MAX + 256) + 256];
  size_t length;
};

static void append(struct line *line, const char *text, size_t length) {
  if (length > sizeof line->text - line->length) return;
  memcpy(line->text + line->length, text, length);
  line->length += length;
}

static void append_text(struct line *line, const char *text) { append(line, text, strlen(text)); }

static void append_number(struct line *line, long number) {
  char text[24];
  int length = snprintf(text, sizeof text, "%ld", number);
  append(line, text, (size_t)length);
}

// The length of the UTF-8 sequence at `at`, 0 if invalid (RFC 3629). Stops at the first invalid byte, so never reads past a NUL.
static size_t utf8(const unsigned char *at) {
  if (at[0] < 0x80) return 1;
  size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
  if (at[0] < 0xc2 || at[0] > 0xf4) return 0;
  for (size_t i = 1; i < length; i++) {
    if ((at[i] & 0xc0) != 0x80) return 0;
  }
  // Overlong forms, surrogates, and code points above U+10FFFF.
  if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f)) return 0;
  return (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f) ? 0 : length;
}

// Appends at most WHAT_MAX bytes of the text as a JSON string. Paths may contain any bytes; invalid UTF-8 becomes U+FFFD.
static void append_string(struct line *line, const char *text) {
  const unsigned char *at = (const unsigned char *)text;
  const unsigned char *end = at + strnlen(text, WHAT_MAX);
  append_text(line, "\"");
  while (at < end) {
    char escaped[8];
    size_t length = utf8(at);
    if (length == 0 || at + length > end) {
      append_text(line, "\\ufffd");
      length = 1;
    } else if (*at < 0x20 || *at == '"' || *at == '\\' || *at == 0x7f) {
      snprintf(escaped, sizeof escaped, "\\u%04x", *at);
      append_text(line, escaped);
    } else {
      append(line, (const char *)at, length);
    }
    at += length;
  }
  append_text(line, "\"");
}

// One write per line, so that lines arrive complete.
static void send_line(struct line *line) {
  append_text(line, "}\n");
  for (size_t sent = 0; sent < line->length; ) {
    ssize_t n = write(STATUS_FD, line->text + sent, line->length - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    sent += (size_t)n;
  }
}

void status_step(enum step step, pid_t pid, const char *note) {
  struct line line = {.length = 0};
  append_text(&line, "{\"step\":");
  append_string(&line, names[step]);
  if (pid != 0) {
    append_text(&line, ",\"pid\":");
    append_number(&line, pid);
  }
  if (note != NULL) {
    append_text(&line, ",\"note\":");
    append_string(&line, note);
  }
  send_line(&line);
}

void status_error(enum step step, int number, const char *message, const char *what) {
  const char *name = strerrorname_np(number);
  struct line line = {.length = 0};
  append_text(&line, "{\"error\":{\"step\":");
  append_string(&line, names[step]);
  append_text(&line, ",\"errno\":");
  append_string(&line, name == NULL ? "unknown" : name);
  append_text(&line, ",\"number\":");
  append_number(&line, number);
  append_text(&line, ",\"message\":");
  append_string(&line, message == NULL ? strerror(number) : message);
  append_text(&line, ",\"what\":");
  append_string(&line, what);
  append_text(&line, "}");
  send_line(&line);
}
