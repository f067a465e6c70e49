// A guard on v1: the hard limit is its limit, and with oom_kill_disable the kernel itself stops tasks that would exceed it (cgroup-v1/memory.rst, section 10).
// It stops them only in page faults of their own: a system call that needs memory fails with ENOMEM, which signals nothing (memcg1_oom_prepare).
import { writeFileSync } from 'node:fs';
import { limitBytes } from '../../contract/units.ts';
import { errnoOf } from '../kernel/errno.ts';
import { waitsAtOwnLimit } from '../kernel/files/at-limit.ts';
import type { Source, Sources } from '../kernel/sources.ts';
import { registerEvent } from '../observe/watch/memory-watch.ts';
import { isTheirs, markOurs, markTheirs, unmark } from './freeze-mark.ts';
import type { GuardRecord } from './guard-record.ts';
import { all } from './guarded-files.ts';
import type { CatchReason, Mechanism, MechanismOptions, ReleaseOptions } from './mechanism.ts';

export const LIMIT = 'memory.limit_in_bytes';
export const MEMSW = 'memory.memsw.limit_in_bytes';
export const OOM = 'memory.oom_control';
export const FREEZER = 'freezer.state';
export const USAGE = 'memory.usage_in_bytes';
export const MEMSW_USAGE = 'memory.memsw.usage_in_bytes';

/** oom_kill_disable, "0" or "1". */
export function killDisabled(oomControl: string): string {
  return /^oom_kill_disable (\d)/m.exec(oomControl)?.[1] ?? '0';
}

/** The limits that a guard writes, in bytes: the kernel takes none of memory above that of memory and swap. */
export function limitsOf({ freezeAtBytes, memswBytes, before }: Pick<GuardRecord, 'freezeAtBytes' | 'memswBytes' | 'before'>): {
  readonly memory: number | undefined;
  readonly memsw: number | undefined;
} {
  const clipped = memswBytes === undefined ? undefined : Math.min(limitBytes(before[LIMIT] ?? 'max'), memswBytes);
  return { memory: freezeAtBytes ?? clipped, memsw: memswBytes };
}

/** Usage and line of each line that the guard has. */
const COUNTERS = [
  { usage: USAGE, line: 'freezeAtBytes' },
  { usage: MEMSW_USAGE, line: 'memswBytes' },
] as const;

export class V1Mechanism implements Mechanism {
  readonly #sources: Sources;
  readonly #options: MechanismOptions;
  #record: GuardRecord;
  #event: Source | undefined;
  #caught = false;
  /** The kernel signalled since the limits were raised. */
  #signalledMeanwhile = false;

  constructor(sources: Sources, options: MechanismOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#record = options.record;
  }

  get isCaught(): boolean {
    return this.#caught;
  }

  watch(): void {
    if (this.#hasLine) this.#watchLine();
    // Tasks that already wait at the limit cause no signal.
    this.#signalled('found', undefined);
    if (!this.#caught) this.#mark(markTheirs);
  }

  #watchLine(): void {
    const event = registerEvent(this.#options.dir, OOM, '');
    this.#event = this.#sources.watch(`the guard of ${this.#options.dir}`, event, 'counter', (_, wokeMs) => this.#signalled('oom', wokeMs));
  }

  async apply(by = this.#options.by): Promise<void> {
    const { files } = this.#options;
    const { memory, memsw } = limitsOf(this.#record);
    if (memory === undefined) return;
    // First, so that nothing is killed.
    await files.write(OOM, '1');
    const memswNow = files.has(MEMSW) ? Number(await files.read(MEMSW)) : Number.POSITIVE_INFINITY;
    // A limit of memory that is not the guard's stays, where that of memory and swap lets it.
    const now = await files.read(LIMIT);
    const stays = this.#record.freezeAtBytes === undefined && Number(now) <= memory && this.#record.ours[LIMIT]?.includes(now) === false;
    const steps = [() => (stays ? undefined : files.write(LIMIT, String(memory), by))];
    // The memory limit never exceeds that of memory and swap, which the kernel would refuse.
    if (memswNow < (memsw ?? memory)) steps.unshift(() => files.write(MEMSW, String(memsw ?? memory), by));
    else if (memsw !== undefined && memswNow > memsw) steps.push(() => files.write(MEMSW, String(memsw), by));
    for (const step of steps) await step();
  }

  async release(record: GuardRecord, { settled, by }: ReleaseOptions = {}): Promise<void> {
    const before = this.#record;
    this.#record = record;
    await this.apply(by);
    this.#signalledMeanwhile = false;
    if (this.#options.files.has(FREEZER)) await this.#options.files.write(FREEZER, 'THAWED');
    this.#mark(markTheirs);
    await settled?.();
    this.#caught = false;
    // Without a freezer it may have grown to the new limit by now. A task that waited at the old limit leaves under_oom only when it runs:
    // while usage is nearer to the old limit, no task waits at the new one. A signal since the thaw is of one that waits again.
    this.#signalled('found', undefined, this.#signalledMeanwhile ? {} : raisedFrom(before, record));
  }

  async restore(): Promise<void> {
    const { files, by } = this.#options;
    const record = this.#record;
    this.close();
    const memswFirst =
      files.has(MEMSW) && limitBytes(record.before[MEMSW] ?? '0') >= limitBytes(await files.read(MEMSW).catch(() => 'max'));
    await all([
      ...(memswFirst ? [MEMSW, LIMIT] : [LIMIT, MEMSW]).map((name) => () => files.restore(record, name, by)),
      async () => {
        if (record.before[OOM] === '0' && killDisabled(await files.read(OOM)) === '1') await files.write(OOM, '0');
      },
      async () => {
        if (!this.#isFrozenByOthers()) await files.restore(record, FREEZER);
        this.#mark(unmark);
      },
    ]);
  }

  close(): void {
    this.#event?.close();
  }

  note(record: GuardRecord): void {
    this.#record = record;
  }

  hold(): void {
    this.#catch('asked', undefined);
  }

  get #hasLine(): boolean {
    return limitsOf(this.#record).memory !== undefined;
  }

  /** @param least bytes by file: with less in use of each, no task waits at a limit */
  #signalled(reason: CatchReason, wokeMs: number | undefined, least: Readonly<Record<string, number>> = {}): void {
    this.#signalledMeanwhile = true;
    if (this.#caught) return;
    const { files } = this.#options;
    const enough = Object.entries(least);
    try {
      // Throws for a group that is not there any more.
      if (this.#hasLine) files.readNow(OOM);
      const waiting =
        this.#hasLine &&
        // The limit of an ancestor is signalled as well.
        waitsAtOwnLimit(this.#options.dir) &&
        (enough.length === 0 || enough.some(([usage, bytes]) => Number(files.readNow(usage)) >= bytes));
      const stopped = files.has(FREEZER) && files.readNow(FREEZER) !== 'THAWED' && !this.#isFrozenByOthers();
      if (reason === 'oom' ? !waiting : !waiting && !stopped) return;
      this.#catch(reason, wokeMs);
    } catch (error) {
      // The group is being removed, which also signals the eventfd.
      if (errnoOf(error) === 'ENOENT') this.#options.gone();
    }
  }

  #catch(reason: CatchReason, wokeMs: number | undefined): void {
    const { files, mayFreeze, caught } = this.#options;
    if (this.#isFrozenByOthers()) return;
    this.#caught = true;
    // A task that waits for memory cannot be frozen, and keeps the state at FREEZING; the others stop, as on v2.
    if (files.has(FREEZER) && mayFreeze()) {
      this.#mark(markOurs);
      writeFileSync(files.path(FREEZER), 'FROZEN');
    }
    const frozen = files.has(FREEZER) && files.readNow(FREEZER) === 'FROZEN';
    caught({ reason, wokeMs, state: frozen ? 'frozen' : 'freezing', usageBytes: Number(files.readNow(USAGE)) });
  }

  /** They thaw it. */
  #isFrozenByOthers(): boolean {
    const { files } = this.#options;
    if (!files.has(FREEZER) || files.readNow(FREEZER) === 'THAWED') return false;
    return this.#record.before[FREEZER] === undefined || isTheirs(files.path(FREEZER));
  }

  #mark(mark: (path: string) => void): void {
    const { files } = this.#options;
    if (files.has(FREEZER)) mark(files.path(FREEZER));
  }
}

/** Between the lines before and after, of those that were raised; of all if none was. */
function raisedFrom(before: GuardRecord, after: GuardRecord): Record<string, number> {
  const lines = COUNTERS.flatMap(({ usage, line }) => {
    const [was, is] = [before[line], after[line]];
    return was === undefined || is === undefined ? [] : [{ usage, is, between: (was + is) / 2 }];
  });
  const changed = lines.filter(({ is, between }) => is !== between);
  return Object.fromEntries((changed.length > 0 ? changed : lines).map(({ usage, between }) => [usage, between]));
}
