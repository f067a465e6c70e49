// poll(2) with a deadline instead of a timeout, which signals would prolong.
#define _GNU_SOURCE
#include "wait.h"
#include <poll.h>

bool ready_before(int fd, int64_t deadline_ms) {
  struct pollfd wait = {.fd = fd, .events = POLLIN};
  for (;;) {
    int64_t left = deadline_ms - now_ms();
    int n = poll(&wait, 1, left > 0 ? (int)left : 0);
    if (n > 0) return true;
    if (left <= 0) return false;
  }
}
