// Overlays by descriptor.
#pragma once

// A detached overlay of directories; -1 with errno.
int overlay_new(int lower, int upper, int work);

// As overlay_new with `upper` and `work` in the directory `layer`, for kernels before 6.15, which take no detached mount as `lower`.
int overlay_aside(int lower, const char *layer);
