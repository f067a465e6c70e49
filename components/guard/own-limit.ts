// A guarded group's own limit: while a guard is armed on v1, the kernel's limit file has the guard's line.
import type { GuardedGroup } from '../../server/contract/guards.ts';
import type { Readings } from '../../server/contract/readings.ts';
import { bytesText } from '../../server/contract/units.ts';
import type { Size } from '../group/rail/scale.ts';
import { sizeText } from '../group/rail/size-text.ts';

const V1_LIMIT = 'memory.limit_in_bytes';

/** The readings as they would be without the guard; a limit that another program wrote stays. */
export function withoutGuard(readings: Readings, guarded: GuardedGroup | undefined, version: 1 | 2): Readings {
  if (version !== 1 || guarded?.ownLimit === undefined || readings[V1_LIMIT] !== (guarded.lineBytes ?? guarded.memswLineBytes))
    return readings;
  return { ...readings, [V1_LIMIT]: guarded.ownLimit };
}

/** Where the guard holds it, beside its limit; undefined without a guard that is armed. */
export function guardWords(guarded: GuardedGroup | undefined, limit: Size): string | undefined {
  const { lineBytes, memswLineBytes } = guarded ?? {};
  const lines = [
    ...(lineBytes === undefined ? [] : [bytesText(lineBytes)]),
    ...(memswLineBytes === undefined ? [] : [`${bytesText(memswLineBytes)} of memory and swap`]),
  ];
  if (lines.length === 0) return undefined;
  const held = guarded?.state === 'held' ? 'The guard holds it' : 'The guard stops it';
  return `${held} at ${lines.join(' or ')}; ${limit === 'max' ? 'it has no limit' : `its limit is ${sizeText(limit)}`}.`;
}
