// Carries out what was decided for a held group, by a person or by its guard's steps.
import { setTimeout as sleep } from 'node:timers/promises';
import type { GuardPlan, GuardStep, HoldChoice, HoldOutcome } from '../../contract/guards.ts';
import { ProblemError } from '../../contract/problems.ts';
import { bytesText, countText, parseSize } from '../../contract/units.ts';
import { visible } from '../../contract/visible.mjs';
import type { LimitWriter } from '../act/limits.ts';
import type { ProcessOperations } from '../act/process-operations.ts';
import { largestNow } from '../act/process-table.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { Reclaimer } from '../act/reclaim.ts';
import type { Guard } from './guard.ts';
import { lineAfter, ownLimitOf } from './guard-lines.ts';
import { LIMIT } from './v1-mechanism.ts';

export interface ChoiceParts {
  readonly guard: Guard;
  readonly limits: LimitWriter;
  readonly operations: ProcessOperations;
  readonly processes: GroupProcesses;
  readonly reclaimer: Reclaimer;
  /** MemTotal. */
  readonly machineBytes: () => number;
  readonly usageOf: (group: string) => number;
}

export interface Outcome {
  readonly outcome: HoldOutcome;
  readonly sentence: string;
}

/** A killed process gives its memory back within this, usually. */
const GONE_WITHIN_MS = 2000;
const LOOK_MS = 5;
/** After reclaim the group continues with so much of its line free. */
const CLEAR_PART = 0.95;

export class Choices {
  readonly #parts: ChoiceParts;

  constructor(parts: ChoiceParts) {
    this.#parts = parts;
  }

  /** @throws ProblemError where it is not possible: the group is still held as it was */
  async carryOut(group: string, plan: GuardPlan, choice: HoldChoice, by: string): Promise<Outcome> {
    const { guard, operations, processes } = this.#parts;
    switch (choice.do) {
      case 'raise':
        return this.#raise(group, plan, Number(parseSize(choice.bytes)), by);
      case 'dropLimit':
        return this.#dropLimit(group, by);
      case 'move': {
        if (!processes.membersWithin(group).includes(choice.pid)) throw notInside(choice.pid, group);
        await operations.attach({ pid: choice.pid, group: choice.to }, by);
        return {
          outcome: 'held',
          sentence: `Process ${choice.pid} is in ${choice.to} now. The memory that it has used so far stays charged to ${group}.`,
        };
      }
      case 'reclaim':
        return this.#reclaim(group, choice.bytes, by);
      case 'killProcess':
        return this.#killOne(group, choice.pid, by);
      case 'kill': {
        const { killed } = await operations.kill({ group }, by);
        await guard.resume(group);
        return { outcome: 'killed', sentence: `Killed ${countText(killed.length, 'process', 'processes')}.` };
      }
      case 'thaw':
        await guard.disarm(group);
        return { outcome: 'continues', sentence: 'Continues without its guard: the kernel may kill in it.' };
      default:
        return choice satisfies never;
    }
  }

  /** A step of the guard's; undefined where it does not apply. */
  async step(group: string, step: GuardStep, raises: number): Promise<HoldChoice | undefined> {
    switch (step.do) {
      case 'raise': {
        const { guard, usageOf } = this.#parts;
        const record = guard.recordOf(group);
        if (!record || raises >= step.times) return undefined;
        const own = ownLimitOf(record);
        const before = Number.isFinite(own) ? own : (record.freezeAtBytes ?? usageOf(group));
        const bytes = Math.min(before * (1 + step.percent / 100), Number(parseSize(step.upTo)));
        return bytes > before ? { do: 'raise', bytes: Math.floor(bytes) } : undefined;
      }
      case 'killLargest': {
        const [largest] = largestNow(this.#parts.processes.membersWithin(group), 1);
        return largest && { do: 'killProcess', pid: largest.pid };
      }
      default:
        return step;
    }
  }

  async #raise(group: string, plan: GuardPlan, bytes: number, by: string): Promise<Outcome> {
    const { guard, limits } = this.#parts;
    const record = guard.recordOf(group);
    if (!record) throw new ProblemError('conflict', `${group} has no guard any more.`, { file: group });
    if (record.freezeAtBytes === undefined) {
      await limits.write({ path: group, file: record.version === 1 ? LIMIT : 'memory.max', value: bytes }, by);
      await guard.resume(group);
      return { outcome: 'continues', sentence: `Continues with a limit of ${bytesText(bytes)}.` };
    }
    const own = ownLimitOf(record);
    const line = lineAfter(plan.line, { line: record.freezeAtBytes, limit: own }, bytes, record.version);
    if (Number.isFinite(own) && bytes <= own)
      throw new ProblemError('invalid', `${bytesText(bytes)} is not above the limit of ${bytesText(own)}: choose more.`, {
        asked: String(bytes),
      });
    await guard.release(group, { raiseTo: line, ownBytes: bytes });
    return { outcome: 'continues', sentence: `Continues with a limit of ${bytesText(bytes)} and a line of ${bytesText(line)}.` };
  }

  async #dropLimit(group: string, by: string): Promise<Outcome> {
    const { guard, limits, machineBytes } = this.#parts;
    const record = guard.recordOf(group);
    if (!record) throw new ProblemError('conflict', `${group} has no guard any more.`, { file: group });
    // Room first: when the guard is removed, the kernel acts again.
    if (record.freezeAtBytes !== undefined) await guard.release(group, { raiseTo: machineBytes(), ownBytes: machineBytes() });
    await guard.disarm(group);
    await limits.write({ path: group, file: record.version === 1 ? LIMIT : 'memory.max', value: 'max' }, by);
    return { outcome: 'continues', sentence: 'Continues without a limit of its own, and without its guard.' };
  }

  async #reclaim(group: string, bytes: string | number | undefined, by: string): Promise<Outcome> {
    const { guard, reclaimer, usageOf } = this.#parts;
    const record = guard.recordOf(group);
    const line = record?.freezeAtBytes ?? Number.POSITIVE_INFINITY;
    if (record?.version === 1)
      throw new ProblemError('unsupported', 'On cgroup v1 the kernel reclaims before a group is held, so nothing is left to reclaim.');
    const { reclaimedBytes } = await reclaimer.reclaim({ group, bytes: bytes ?? Math.max(2 ** 20, Math.floor(usageOf(group) / 4)) }, by);
    const freed = `Reclaimed ${bytesText(reclaimedBytes)}`;
    if (usageOf(group) >= line * CLEAR_PART) return { outcome: 'held', sentence: `${freed}, which is too little: it is still held.` };
    await guard.resume(group);
    return { outcome: 'continues', sentence: `${freed}, and continues.` };
  }

  async #killOne(group: string, pid: number, by: string): Promise<Outcome> {
    const { guard, operations, processes } = this.#parts;
    if (!processes.membersWithin(group).includes(pid)) throw notInside(pid, group);
    const { named } = await operations.kill({ pid, signal: 'SIGKILL' }, by);
    const until = performance.now() + GONE_WITHIN_MS;
    await guard.resume(group, async () => {
      while (processes.membersWithin(group).includes(pid) && performance.now() < until) await sleep(LOOK_MS);
    });
    return { outcome: 'continues', sentence: `Killed ${visible(named[0]?.comm ?? 'process')} (pid ${pid}); the others continue.` };
  }
}

function notInside(pid: number, group: string): ProblemError {
  return new ProblemError('not_found', `Process ${pid} is not in ${group}, or has ended.`, { file: group });
}
