// The time ranges of charts, and the default for a group of a certain age.

export const ranges = { '1m': 60_000, '3m': 180_000, '10m': 600_000 } as const;
export type Range = keyof typeof ranges;

/** The chosen range; without one the shortest that includes all that is known, so that a young group fills its charts. */
export function rangeFor(chosen: string | null, knownMs: number): Range {
  if (chosen === '1m' || chosen === '3m' || chosen === '10m') return chosen;
  if (knownMs <= ranges['1m']) return '1m';
  return knownMs <= ranges['3m'] ? '3m' : '10m';
}
