// Carries out what was decided for a held group, by a person or by its guard's steps.
import { setTimeout as sleep } from 'node:timers/promises';
import { guardName, NO_RECLAIM_ON_V1, RULE } from '../../contract/guard-facts.ts';
import type { GuardPlan, GuardStep, HoldChoice, HoldOutcome } from '../../contract/guards.ts';
import { ProblemError } from '../../contract/problems.ts';
import { bytesText, countText, parseSize } from '../../contract/units.ts';
import { visible } from '../../contract/visible.mjs';
import type { LimitWriter } from '../act/limits.ts';
import type { ProcessOperations } from '../act/process-operations.ts';
import { largestNow } from '../act/process-table.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { Reclaimer, Watched } from '../act/reclaim.ts';
import type { Guard } from './guard.ts';
import { lineAfter, memswMet, ownLimitOf } from './guard-lines.ts';
import type { GuardRecord } from './guard-record.ts';
import { LIMIT, MEMSW } from './v1-mechanism.ts';

export interface ChoiceParts {
  readonly guard: Guard;
  readonly limits: LimitWriter;
  readonly operations: ProcessOperations;
  readonly processes: GroupProcesses;
  readonly reclaimer: Reclaimer;
  /** MemTotal. */
  readonly machineBytes: () => number;
  /** Read now; of memory and swap together 0 where the machine does not count them. */
  readonly usageOf: (group: string) => { readonly usage: number; readonly memswUsage: number };
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
  async carryOut(group: string, plan: GuardPlan, choice: HoldChoice, by: string, reclaim: Watched = {}): Promise<Outcome> {
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
        return this.#reclaim(group, choice.bytes, by, reclaim);
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
  async step(group: string, step: GuardStep): Promise<HoldChoice | undefined> {
    switch (step.do) {
      case 'raise': {
        const record = this.#parts.guard.recordOf(group);
        if (!record || (record.raises ?? 0) >= step.times) return undefined;
        const { own, line, usage } = this.#met(group, record);
        const before = Number.isFinite(own) ? own : (line ?? usage);
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
    const isStep = by === RULE;
    if (record.freezeAtBytes === undefined && record.memswBytes === undefined) {
      await limits.write(
        { path: group, file: record.version === 1 ? LIMIT : 'memory.max', value: bytes },
        isStep ? guardName(record.pattern) : by,
      );
      if (isStep) await guard.countRaise(group);
      await guard.resume(group);
      return { outcome: 'continues', sentence: `Continues with a limit of ${bytesText(bytes)}.` };
    }
    const { isMemsw, own, line } = this.#met(group, record);
    const of = isMemsw ? ' on memory and swap' : '';
    if (Number.isFinite(own) && bytes <= own)
      throw new ProblemError('invalid', `${bytesText(bytes)} is not above the limit${of} of ${bytesText(own)}: choose more.`, {
        asked: String(bytes),
      });
    const raiseTo =
      line === undefined ? undefined : lineAfter(isMemsw ? plan.memswLine : plan.line, { line, limit: own }, bytes, record.version);
    await guard.release(
      group,
      isMemsw ? { memswTo: raiseTo, memswOwnBytes: bytes } : { raiseTo, ownBytes: bytes },
      isStep ? undefined : by,
    );
    const held = raiseTo === undefined ? '' : ` and a line of ${bytesText(raiseTo)}`;
    return { outcome: 'continues', sentence: `Continues with a limit${of} of ${bytesText(bytes)}${held}.` };
  }

  /** What a raise raises. @returns own: Infinity without a limit of its own */
  #met(group: string, record: GuardRecord): { isMemsw: boolean; own: number; line: number | undefined; usage: number } {
    const { usage, memswUsage } = this.#parts.usageOf(group);
    const isMemsw = memswMet(record, usage, memswUsage);
    return {
      isMemsw,
      own: ownLimitOf(record, isMemsw ? 'memsw' : 'memory'),
      line: isMemsw ? record.memswBytes : record.freezeAtBytes,
      usage: isMemsw ? memswUsage : usage,
    };
  }

  async #dropLimit(group: string, by: string): Promise<Outcome> {
    const { guard, limits, machineBytes } = this.#parts;
    const record = guard.recordOf(group);
    if (!record) throw new ProblemError('conflict', `${group} has no guard any more.`, { file: group });
    // Room first: when the guard is removed, the kernel acts again.
    const { isMemsw } = this.#met(group, record);
    const most = Math.max(machineBytes(), record.memswBytes ?? 0);
    if (isMemsw) await guard.release(group, { memswTo: most, memswOwnBytes: most }, by);
    else if (record.freezeAtBytes !== undefined) await guard.release(group, { raiseTo: most, ownBytes: most }, by);
    await guard.disarm(group);
    await limits.write({ path: group, file: isMemsw ? MEMSW : record.version === 1 ? LIMIT : 'memory.max', value: 'max' }, by);
    return { outcome: 'continues', sentence: 'Continues without a limit of its own, and without its guard.' };
  }

  async #reclaim(group: string, bytes: string | number | undefined, by: string, watched: Watched): Promise<Outcome> {
    const { guard, reclaimer, usageOf } = this.#parts;
    const record = guard.recordOf(group);
    const line = record?.freezeAtBytes ?? Number.POSITIVE_INFINITY;
    if (record?.version === 1) throw new ProblemError('unsupported', NO_RECLAIM_ON_V1, { file: group });
    const asked = bytes ?? Math.max(2 ** 20, Math.floor(usageOf(group).usage / 4));
    const { reclaimedBytes, askedBytes } = await reclaimer.reclaim({ group, bytes: asked }, by, watched);
    const freed = `Reclaimed ${bytesText(reclaimedBytes)}`;
    if (watched.signal?.aborted) return { outcome: 'held', sentence: `Cancelled. ${freed} of ${bytesText(askedBytes)}: it is still held.` };
    if (usageOf(group).usage >= line * CLEAR_PART) return { outcome: 'held', sentence: `${freed}, which is too little: it is still held.` };
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
