// What follows from a guard's choices and from what is known of a held group: words, what a raise raises, a limit that gives room.
import type { GuardStep, HoldChoice, HoldFacts } from './guards.ts';

/** As the name of who decided, where a guard's steps did. */
export const RULE = 'guard';

/** As the author of what a guard writes: "guard /docker/*". @param pattern undefined where an earlier agent has not kept it */
export function guardName(pattern: string | undefined): string {
  return pattern === undefined ? RULE : `${RULE} ${pattern}`;
}

/** cgroup-v1/memory.rst, 5.1 */
export const NO_RECLAIM_ON_V1 =
  'cgroup v1 reclaims all or nothing (memory.force_empty): in one step that cannot be cancelled, it would swap out what the group needs. At a line the kernel has reclaimed before.';

/** A choice or step in words, without its outcome. */
export function choiceWords(choice: HoldChoice | GuardStep): string {
  switch (choice.do) {
    case 'raise':
      return 'percent' in choice ? `raise the limit by ${choice.percent} %` : 'raise the limit';
    case 'dropLimit':
      return 'remove the limit';
    case 'move':
      return `move process ${choice.pid} to ${choice.to}`;
    case 'reclaim':
      return 'reclaim memory';
    case 'killProcess':
      return `kill process ${choice.pid}`;
    case 'killLargest':
      return 'kill the largest process';
    case 'kill':
      return 'kill all its processes';
    case 'thaw':
      return 'let it continue without the guard';
    default:
      return choice satisfies never;
  }
}

/** What a raise raises, and what is used of it: memory and swap together where the group met its line on them, else memory. */
export function raisedOf({ memsw, usageBytes, lineBytes, limit }: HoldFacts): Pick<HoldFacts, 'usageBytes' | 'lineBytes' | 'limit'> {
  return memsw?.isMet ? memsw : { usageBytes, lineBytes, limit };
}

/** A limit that gives room: half as much again, at most what the machine and the limits above have. @returns bytes */
export function suggestedLimit(facts: HoldFacts): number {
  const { machineBytes } = facts;
  const { usageBytes, limit } = raisedOf(facts);
  const now = limit.value === 'max' ? usageBytes : Math.max(limit.value, usageBytes);
  const room = machineBytes === undefined ? now / 2 : Math.min(now / 2, Math.max(0, machineBytes - 64 * 2 ** 20));
  return Math.floor((now + room) / 2 ** 20) * 2 ** 20;
}
