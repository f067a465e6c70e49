// Follows a terminal's output as xterm's parser does, without a screen: it keeps only what outlives a sequence.
#include "screen.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// DEC's private modes that are restored, in this order: a change of the screen clears it, so that comes first. Of one group at most one is set,
// and any reset ends it. `soft`: ended by a soft reset, in xterm.js.
enum group { ALONE, SCREEN, MOUSE, MOUSE_ENCODING };
static const struct {
  int number;
  enum group group;
  bool at_start, soft;
} modes[] = {
    {47, SCREEN, false, false},
    {1047, SCREEN, false, false},
    {1049, SCREEN, false, false},
    {6, ALONE, false, true},
    {1, ALONE, false, true},
    {7, ALONE, true, true},
    {25, ALONE, true, true},
    {9, MOUSE, false, false},
    {1000, MOUSE, false, false},
    {1002, MOUSE, false, false},
    {1003, MOUSE, false, false},
    {1006, MOUSE_ENCODING, false, false},
    {1016, MOUSE_ENCODING, false, false},
    {1004, ALONE, false, true},
    {2004, ALONE, false, true},
};
enum { MODES = sizeof modes / sizeof *modes, ALTERNATE = 1 << 0 | 1 << 1 | 1 << 2 };

bool screen_is_between(const struct screen *screen) { return screen->place == BETWEEN; }

bool screen_is_alternate(const struct screen *screen) { return (screen->changed & ALTERNATE) != 0; }

static void save(struct screen *screen) { screen->saved[screen_is_alternate(screen)] = screen->writing; }
static void restore(struct screen *screen) { screen->writing = screen->saved[screen_is_alternate(screen)]; }

static void set_mode(struct screen *screen, long number, bool on) {
  if (number == 1049 && on) save(screen);
  for (size_t i = 0; i < MODES; i++) {
    if (modes[i].number != number) continue;
    for (size_t other = 0; modes[i].group != ALONE && other < MODES; other++) {
      if (modes[other].group == modes[i].group) screen->changed &= ~(1u << other);
    }
    if (on == modes[i].at_start) screen->changed &= ~(1u << i);
    else screen->changed |= 1u << i;
  }
  if (number == 1049 && !on) restore(screen);
}

static void set_modes(struct screen *screen, bool on) {
  const char *at = screen->sequence + 1;
  for (;;) {
    char *end;
    set_mode(screen, strtol(at, &end, 10), on);
    if (*end != ';') return;
    at = end + 1;
  }
}

// Whether one of the parameters resets all attributes: a 0 or nothing. Those with colons belong to the one before.
static bool resets(const char *parameters) {
  // The 0 of "38;5;0" and "38;2;0;0;0" is a colour.
  for (const char *at = parameters;;) {
    size_t length = strcspn(at, ";");
    long value = strtol(at, NULL, 10);
    bool has_colon = memchr(at, ':', length) != NULL;
    if (value == 0 && !has_colon) return true;
    int skip = 0;
    if ((value == 38 || value == 48 || value == 58) && !has_colon && at[length] == ';') {
      long kind = strtol(at + length + 1, NULL, 10);
      skip = kind == 5 ? 2 : kind == 2 ? 4 : 1;
    }
    for (at += length; skip > 0 && *at == ';'; skip--) at += 1 + strcspn(at + 1, ";");
    if (*at != ';') return false;
    at++;
  }
}

static void add_attributes(struct screen *screen) {
  // What stands before a reset within one sequence is undone by it, also when it is repeated.
  if (resets(screen->sequence)) screen->writing.attributes[0] = '\0';
  size_t used = strlen(screen->writing.attributes), length = strlen(screen->sequence) + strlen("\33[m");
  // More than a program ever combines: it sets the same ones again and again, and the last of them count.
  if (used + length >= ATTRIBUTES_MAX) used = 0;
  snprintf(screen->writing.attributes + used, ATTRIBUTES_MAX - used, "\33[%sm", screen->sequence);
}

static void soft_reset(struct screen *screen) {
  for (size_t i = 0; i < MODES; i++) {
    if (modes[i].soft) screen->changed &= ~(1u << i);
  }
  screen->keypad = false;
  screen->region[0] = '\0';
  screen->writing = screen->saved[screen_is_alternate(screen)] = (struct writing){0};
}

static void control(struct screen *screen, char final) {
  screen->place = BETWEEN;
  if (screen->too_long) return;
  char *text = screen->sequence;
  text[screen->length] = '\0';
  if (text[0] == '?' && (final == 'h' || final == 'l')) set_modes(screen, final == 'h');
  else if (final == 'p' && strcmp(text, "!") == 0) soft_reset(screen);
  else if (strspn(text, "0123456789;:") != screen->length) return;
  else if (final == 'r') strcpy(screen->region, text);
  else if (final == 's' && screen->length == 0) save(screen);
  else if (final == 'u' && screen->length == 0) restore(screen);
  else if (final == 'm') add_attributes(screen);
}

static void escape(struct screen *screen, char byte) {
  screen->place = BETWEEN;
  if (byte >= 0x20 && byte <= 0x2f) {
    screen->place = INTERMEDIATE;
    screen->intermediate = byte;
  } else if (byte == '[') {
    screen->place = CONTROL;
    screen->length = 0;
    screen->too_long = false;
  } else if (strchr("]PX^_", byte) != NULL) screen->place = STRING;
  else if (byte == '7') save(screen);
  else if (byte == '8') restore(screen);
  else if (byte == '=' || byte == '>') screen->keypad = byte == '=';
  else if (byte == 'c') *screen = (struct screen){0};
}

static void text(struct screen *screen, unsigned char byte) {
  bool continues = (byte & 0xc0) == 0x80;
  if (screen->place == CHARACTER && continues) {
    if (--screen->missing == 0) screen->place = BETWEEN;
    return;
  }
  screen->missing = byte >= 0xf0 && byte <= 0xf4 ? 3 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xc2 && byte < 0xe0 ? 1 : 0;
  screen->place = screen->missing > 0 ? CHARACTER : BETWEEN;
}

static void read_byte(struct screen *screen, unsigned char byte) {
  // CAN and SUB end a sequence, ESC begins the next, wherever they come.
  if (byte == 0x1b) screen->place = ESCAPE;
  else if (byte == 0x18 || byte == 0x1a) screen->place = BETWEEN;
  else if (screen->place == BETWEEN || screen->place == CHARACTER) text(screen, byte);
  else if (screen->place == STRING) {
    if (byte == 0x07) screen->place = BETWEEN;
  } else if (byte < 0x20 || byte == 0x7f) return;  // executed within the sequence
  else if (byte >= 0x80) screen->place = BETWEEN;
  else if (screen->place == ESCAPE) escape(screen, (char)byte);
  else if (screen->place == INTERMEDIATE) {
    if (byte <= 0x2f) return;
    if (screen->intermediate == '(') screen->writing.line_drawing = byte == '0';
    screen->place = BETWEEN;
  } else if (byte >= 0x40) control(screen, (char)byte);
  else if (screen->length < SEQUENCE_MAX - 1) screen->sequence[screen->length++] = (char)byte;
  else screen->too_long = true;
}

void screen_read(struct screen *screen, const char *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) read_byte(screen, (unsigned char)bytes[i]);
}

size_t screen_restore(const struct screen *screen, char text[RESTORE_MAX]) {
  char *at = text;
  for (size_t i = 0; i < MODES; i++) {
    if (screen->changed & 1u << i) at += sprintf(at, "\33[?%d%c", modes[i].number, modes[i].at_start ? 'l' : 'h');
  }
  if (screen->region[0] != '\0') at += sprintf(at, "\33[%sr", screen->region);
  if (screen->keypad) at += sprintf(at, "\33=");
  if (screen->writing.line_drawing) at += sprintf(at, "\33(0");
  at += sprintf(at, "%s", screen->writing.attributes);
  return (size_t)(at - text);
}
