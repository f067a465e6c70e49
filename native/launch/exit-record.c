// Composes the exit record and replaces the file atomically.
#define _GNU_SOURCE
#include "exit-record.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void signal_name(int number, char *name, size_t size) {
  const char *abbreviation = sigabbrev_np(number);
  if (abbreviation != NULL) snprintf(name, size, "SIG%s", abbreviation);
  else if (number >= SIGRTMIN) snprintf(name, size, "SIGRTMIN+%d", number - SIGRTMIN);
  else snprintf(name, size, "SIG%d", number);
}

static long long milliseconds(const struct timeval *time) { return (long long)time->tv_sec * 1000 + time->tv_usec / 1000; }

static size_t compose(char *text, size_t size, const struct exit_record *record) {
  char how[64];
  if (record->code == CLD_EXITED) {
    snprintf(how, sizeof how, "\"code\":%d", record->status);
  } else {
    char name[24];
    signal_name(record->status, name, sizeof name);
    snprintf(how, sizeof how, "\"signal\":%d,\"name\":\"%s\"", record->status, name);
  }
  long long cpu_ms = milliseconds(&record->used.ru_utime) + milliseconds(&record->used.ru_stime);
  // ru_maxrss is in KiB (getrusage(2)).
  char left[40] = "";
  if (record->left > 0) snprintf(left, sizeof left, ",\"%s\":%zu", record->left_killed ? "killed" : "left", record->left);
  return (size_t)snprintf(text, size, "{\"pid\":%d,%s,\"time\":%lld,\"runMs\":%lld,\"cpuMs\":%lld,\"peakRssBytes\":%lld%s}\n", record->pid, how,
    (long long)record->time_ms, (long long)record->run_ms, cpu_ms, (long long)record->used.ru_maxrss * 1024, left);
}

static bool replace(int dir, const char *text, size_t length) {
  int file = openat(dir, "exit.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return false;
  bool whole = write(file, text, length) == (ssize_t)length;
  close(file);
  return whole && renameat(dir, "exit.new", dir, "exit") == 0;
}

void exit_record_write(struct output *output, const struct exit_record *record) {
  char text[256];
  size_t length = compose(text, sizeof text, record);
  if (replace(output->dir, text, length)) return;
  unlinkat(output->dir, "output.1", 0);
  if (replace(output->dir, text, length)) return;
  if (output->file >= 0 && ftruncate(output->file, 0) == 0) replace(output->dir, text, length);
}
