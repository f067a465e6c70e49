// Programs that the tests launch: each holds still at what it is for.

/** Rests until it is killed. */
export const REST = ['sleep', '600'];

/** Takes so much memory, and then rests. */
export function holding(mib: number): string[] {
  return ['sh', '-c', `held=$(head -c ${mib * 2 ** 20} /dev/zero | tr '\\0' x); while :; do sleep 600; done`];
}

/** Writes a line each fifth of a second. */
export const COUNTING = ['sh', '-c', 'while n=$((n+1)); do echo "line $n"; sleep 0.2; done'];
