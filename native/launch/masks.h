// Masks kernel files that a program must not see or change, as container runtimes do.
#pragma once

// `null` is the null device as mounted in this namespace. A file that cannot be masked ends the launch.
void mask_proc(int proc, int null);
void mask_sys(int sys);
