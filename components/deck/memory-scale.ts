// The scale of all memory bars: logarithmic from 1 MiB to the machine’s memory, so that rows compare and small groups are visible.

const FROM_BYTES = 1 << 20;

/** The place of a size on the scale, 0 to 1. Sizes under 1 MiB share the first sliver, so that a little differs from nothing. */
export function shareOf(bytes: number, machineBytes: number): number {
  if (bytes <= 0 || machineBytes <= FROM_BYTES) return 0;
  const span = Math.log2(machineBytes / FROM_BYTES);
  const sliver = SLIVER * Math.min(1, bytes / FROM_BYTES);
  return Math.min(1, sliver + (1 - SLIVER) * Math.max(0, Math.log2(bytes / FROM_BYTES) / span));
}

const SLIVER = 0.02;

/** Round sizes for the axis: each 32 times the one before, without those too near the end. */
export function scaleTicks(machineBytes: number): Array<{ readonly bytes: number; readonly share: number }> {
  const ticks: Array<{ bytes: number; share: number }> = [];
  for (let bytes = FROM_BYTES; bytes < machineBytes; bytes *= 32) {
    const share = shareOf(bytes, machineBytes);
    if (share < 0.92) ticks.push({ bytes, share });
  }
  return ticks;
}
