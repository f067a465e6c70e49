// poll(2) up to a moment instead of for a time: signals and early wake-ups do not lengthen it.
#define _GNU_SOURCE
#include "wait.h"
#include <poll.h>
#include <time.h>

int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool ready_before(int fd, int64_t deadline_ms) {
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  for (;;) {
    int64_t left = deadline_ms - now_ms();
    int n = poll(&wait, 1, left > 0 ? (int)left : 0);
    if (n > 0) return true;
    if (left <= 0) return false;
  }
}
