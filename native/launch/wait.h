// Waiting with an end.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// On the monotonic clock.
int64_t now_ms(void);

// Whether the descriptor has something to say before the deadline.
bool ready_before(int fd, int64_t deadline_ms);
