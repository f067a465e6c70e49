// Waits for a descriptor with a deadline.
#pragma once
#include "clock.h"
#include <stdbool.h>

// Whether the descriptor is readable before the deadline, by now_ms.
bool ready_before(int fd, int64_t deadline_ms);
