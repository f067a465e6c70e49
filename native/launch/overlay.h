// Makes overlays by descriptor.
#pragma once

// A detached overlay of a directory, with `upper` and `work` in the directory `layer`; -1 with errno.
int overlay_new(int lower, int layer);

// Like overlay_new, for kernels before 6.15, which refuse a detached mount as `lower`.
int overlay_aside(int lower, int layer);
