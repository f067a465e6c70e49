// What a terminal's output has changed that later output depends on (ECMA-48, xterm's ctlseqs): the screen in use, modes, attributes, and
// whether a character or an escape sequence is incomplete. So a replay can begin in the middle of the output.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  // The longest text of a control sequence that is kept.
  SEQUENCE_MAX = 48,
  // The attributes set since they were last reset.
  ATTRIBUTES_MAX = 128,
  // The longest result of screen_restore.
  RESTORE_MAX = 512,
};

// All zero: a screen on which nothing was written.
struct screen {
  enum { BETWEEN, CHARACTER, ESCAPE, INTERMEDIATE, CONTROL, STRING } place;
  // The bytes that the character still lacks.
  unsigned char missing;
  // ESCAPE's intermediate byte.
  char intermediate;
  // The control sequence so far, without ESC [ and its last byte.
  char sequence[SEQUENCE_MAX];
  size_t length;
  bool too_long;
  // One bit for each mode of the table in screen.c that is not as at the start.
  uint32_t changed;
  bool keypad;
  char region[SEQUENCE_MAX];
  // How characters are written: now, and as each of the two screens has saved it with its cursor.
  struct writing {
    bool line_drawing;
    char attributes[ATTRIBUTES_MAX];
  } writing, saved[2];
};

void screen_read(struct screen *screen, const char *bytes, size_t length);

// Whether what comes next begins a character or a sequence.
bool screen_is_between(const struct screen *screen);

// Whether a program uses the alternate screen, as those do that use the whole window.
bool screen_is_alternate(const struct screen *screen);

// Writes what brings an empty terminal into the same state. Returns its length.
size_t screen_restore(const struct screen *screen, char text[RESTORE_MAX]);
