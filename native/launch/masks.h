// The kernel's files that a program must not see or change, as every container runtime hides them.
#pragma once

// `null` is the null device where it is mounted in this namespace. Fails closed: what is there and cannot be masked ends the launch.
void mask_proc(int proc, int null);
void mask_sys(int sys);
