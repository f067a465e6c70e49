// The system's defaults for what a process inherits and the request leaves out, instead of those of the shell that started the agent.
#pragma once
#include "request.h"
#include <stdbool.h>
#include <sys/types.h>

// Adds a limit for each resource that the request leaves out: what the kernel gives to its first process, and for open files what systemd does.
// Without the right to raise a limit, it stays below our own hard limit.
void defaults_limits(struct request *request);

// Called by the launcher: scheduling, CPUs, I/O priority and OOM score of the child. What it may not reset stays.
void defaults_scheduling(const struct request *request, pid_t child);

// Called by the child before the filter: execution domain, memory policy, timer slack and huge pages.
void defaults_own(void);
