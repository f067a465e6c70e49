// Programs that the tests launch; each does one thing.

/** Sleeps until it is killed. */
export const REST = ['sleep', '600'];

/** Uses this much memory, and then sleeps. */
export function holding(mib: number): string[] {
  return ['sh', '-c', `held=$(head -c ${mib * 2 ** 20} /dev/zero | tr '\\0' x); while :; do sleep 600; done`];
}

/** Writes a line each fifth of a second. */
export const COUNTING = ['sh', '-c', 'while n=$((n+1)); do echo "line $n"; sleep 0.2; done'];

/** Writes one line on each stream, and sleeps. */
export const TWO_STREAMS = ['sh', '-c', 'echo to-out; echo to-err >&2; exec sleep 600'];

/** Ends with code 7 on SIGTERM. */
export const OBEDIENT = ['sh', '-c', "trap 'exit 7' TERM; while :; do sleep 0.1; done"];

/** Ignores SIGTERM. */
export const STUBBORN = ['sh', '-c', "trap '' TERM; while :; do sleep 0.1; done"];

/** The fields of a launch of a shell in a terminal. */
export const SHELL = { argv: ['sh'], env: { PS1: '> ', TERM: 'xterm-256color', PATH: '/usr/bin:/bin' }, tty: true };
