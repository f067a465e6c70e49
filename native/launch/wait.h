// Waits for a descriptor with a deadline.
#pragma once
#include <stdbool.h>
#include <stdint.h>

// CLOCK_MONOTONIC in ms.
int64_t now_ms(void);

// Whether the descriptor is readable before the deadline.
bool ready_before(int fd, int64_t deadline_ms);
