// Programs that the tests launch: each holds still at what it is for.

/** Rests until it is killed. */
export const REST = ['sleep', '600'];

/** Takes so much memory, and then rests. */
export function holding(mib: number): string[] {
  return ['sh', '-c', `held=$(head -c ${mib * 2 ** 20} /dev/zero | tr '\\0' x); while :; do sleep 600; done`];
}

/** Writes a line each fifth of a second. */
export const COUNTING = ['sh', '-c', 'while n=$((n+1)); do echo "line $n"; sleep 0.2; done'];

/** Says one line on each stream, and rests. */
export const TWO_STREAMS = ['sh', '-c', 'echo to-out; echo to-err >&2; exec sleep 600'];

/** Ends with code 7 when it is asked to. */
export const OBEDIENT = ['sh', '-c', "trap 'exit 7' TERM; while :; do sleep 0.1; done"];

/** Takes no notice of being asked to end. */
export const STUBBORN = ['sh', '-c', "trap '' TERM; while :; do sleep 0.1; done"];
