// Makes overlays by descriptor.
#pragma once

// A detached overlay of a directory, with `upper` and `work` in the directory `layer`, and between them the directory `middle`, -1 for none;
// -1 with errno.
int overlay_new(int middle, int lower, int layer);

// Like overlay_new, for kernels before 6.15, which refuse detached mounts.
int overlay_aside(int middle, int lower, int layer);
