// A guard on v2: memory.high is its limit, memory.events and pressure signal, cgroup.freeze freezes, memory.max is the hard limit (cgroup-v2.rst, “Memory”).
import { closeSync, openSync, writeSync } from 'node:fs';
import { usualLevels } from '../../contract/pressure.ts';
import { limitBytes } from '../../contract/units.ts';
import { type Counters, NotifiedFile } from '../kernel/notified-file.ts';
import type { Source, Sources } from '../kernel/sources.ts';
import { openTrigger } from '../observe/watch/pressure-triggers.ts';
import { isTheirs, markOurs, markTheirs, unmark } from './freeze-mark.ts';
import type { GuardRecord } from './guard-record.ts';
import { all } from './guarded-files.ts';
import type { CatchReason, Mechanism, MechanismOptions, ReleaseOptions } from './mechanism.ts';

const HIGH = 'memory.high';
const MAX = 'memory.max';
const FREEZE = 'cgroup.freeze';
/** The kernel signals when usage exceeds memory.high; a moment later some may have been reclaimed. */
const AT_LINE = 15 / 16;
/** Part of the limit that must be memory that cannot be reclaimed: a group at its limit with page cache is not in danger. */
const UNRECLAIMABLE = 7 / 8;

/** Bytes of memory.stat that the kernel can reclaim at any time. */
function reclaimable(stat: string): number {
  let bytes = 0;
  for (const [, value] of stat.matchAll(/^(?:inactive_file|active_file|slab_reclaimable) (\d+)$/gm)) bytes += Number(value);
  return bytes;
}

/** The texts for memory.high and memory.max; `max` is undefined without a hard limit. */
export function textsOf({
  freezeAtBytes,
  marginBytes,
}: GuardRecord): { readonly high: string; readonly max: string | undefined } | undefined {
  if (freezeAtBytes === undefined) return undefined;
  return { high: String(freezeAtBytes), max: marginBytes === undefined ? undefined : String(freezeAtBytes + marginBytes) };
}

export class UnifiedMechanism implements Mechanism {
  readonly #sources: Sources;
  readonly #options: MechanismOptions;
  #record: GuardRecord;
  #notified: NotifiedFile[] = [];
  #freeze = -1;
  #trigger: Source | undefined;
  /** During a release, the notice that the group is frozen now must not set memory.high to max again. */
  #phase: 'armed' | 'caught' | 'releasing' = 'armed';
  #frozen = false;
  #reason: CatchReason = 'found';
  #wokeMs: number | undefined;
  /** Writes of memory.high in order: max must not overtake a limit applied later. */
  #writing: Promise<void> = Promise.resolve();

  constructor(sources: Sources, options: MechanismOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#record = options.record;
  }

  get isCaught(): boolean {
    return this.#phase !== 'armed';
  }

  watch(): void {
    const { files } = this.#options;
    this.#freeze = openSync(files.path(FREEZE), 'w');
    const core = new NotifiedFile(this.#sources, files.path('cgroup.events'), (now) => this.#stateChanged(now));
    this.#notified.push(core);
    if (this.#record.freezeAtBytes !== undefined) this.#watchLine();
    if (files.readNow(FREEZE) === '1') this.#catch('found', undefined);
    if (!this.isCaught) markTheirs(files.path(FREEZE));
  }

  #watchLine(): void {
    const { files } = this.#options;
    this.#notified.push(
      new NotifiedFile(this.#sources, files.path('memory.events.local'), (now, before, wokeMs) => {
        if ((now.high ?? 0) > (before.high ?? 0)) this.#signalled('high', wokeMs);
      }),
    );
    try {
      const path = files.path('memory.pressure');
      const trigger = openTrigger(path, usualLevels.critical);
      this.#trigger = this.#sources.watch(path, trigger, 'notified', (_, wokeMs) => this.#signalled('pressure', wokeMs));
    } catch {
      // The kernel measures no pressure: memory.events is the only signal.
    }
  }

  async apply(by = this.#options.by): Promise<void> {
    const { files } = this.#options;
    const texts = textsOf(this.#record);
    if (!texts) return;
    const { high, max } = texts;
    // The group's own hard limit is raised only if the guard's limit would exceed it.
    if (max !== undefined && (this.#record.hardLimitAsked || limitBytes(await files.read(MAX)) <= Number(high)))
      await files.write(MAX, max, by);
    await this.#writeHigh(high, by);
  }

  async release(record: GuardRecord, { settled, by }: ReleaseOptions = {}): Promise<void> {
    // A frozen task of v2 can be killed.
    await settled?.();
    this.#record = record;
    this.#phase = 'releasing';
    try {
      // The limits first: the group may grow as soon as it is thawed.
      await this.apply(by);
    } catch (error) {
      this.#phase = 'caught';
      if (this.#frozen) this.#lift();
      throw error;
    }
    this.#phase = 'armed';
    // Closed meanwhile: the group was removed.
    if (this.#freeze < 0) return;
    writeSync(this.#freeze, '0', 0);
    markTheirs(this.#options.files.path(FREEZE));
  }

  async restore(): Promise<void> {
    const { files, by } = this.#options;
    const record = this.#record;
    // No signal catches the group from here on.
    this.close();
    await all([
      () => this.#writing,
      () => files.restore(record, HIGH, by),
      async () => {
        // A hard limit below the usage would kill: keep one that is too high instead.
        if (limitBytes(record.before[MAX] ?? 'max') > Number(await files.read('memory.current'))) await files.restore(record, MAX, by);
      },
      async () => {
        if (!this.#isFrozenByOthers()) await files.restore(record, FREEZE);
        unmark(files.path(FREEZE));
      },
    ]);
  }

  close(): void {
    for (const file of this.#notified) file.close();
    this.#notified = [];
    this.#trigger?.close();
    if (this.#freeze >= 0) closeSync(this.#freeze);
    this.#freeze = -1;
  }

  note(record: GuardRecord): void {
    this.#record = record;
  }

  hold(): void {
    this.#catch('asked', undefined);
  }

  #signalled(reason: CatchReason, wokeMs: number): void {
    if (this.#phase !== 'armed') return;
    try {
      if (this.#inDanger(reason) && this.#options.mayFreeze()) this.#catch(reason, wokeMs);
    } catch {
      // The group is being removed.
    }
  }

  #inDanger(reason: CatchReason): boolean {
    const { files } = this.#options;
    const { freezeAtBytes = Number.POSITIVE_INFINITY } = this.#record;
    const usage = Number(files.readNow('memory.current'));
    if (usage < freezeAtBytes * AT_LINE) return false;
    // Tasks stall at the limit: whatever fills it is not reclaimed in time.
    return reason === 'pressure' || usage - reclaimable(files.readNow('memory.stat')) >= freezeAtBytes * UNRECLAIMABLE;
  }

  #catch(reason: CatchReason, wokeMs: number | undefined): void {
    if (this.#isFrozenByOthers()) return;
    markOurs(this.#options.files.path(FREEZE));
    writeSync(this.#freeze, '1', 0);
    this.#phase = 'caught';
    this.#reason = reason;
    this.#wokeMs = wokeMs;
    this.#frozen = /^frozen 1$/m.test(this.#options.files.readNow('cgroup.events'));
    if (this.#frozen) this.#lift();
    this.#report();
  }

  #stateChanged(now: Counters): void {
    const frozen = now.frozen === 1;
    if (this.#phase === 'armed' || frozen === this.#frozen) return;
    this.#frozen = frozen;
    if (this.#phase === 'releasing') return;
    if (frozen) {
      this.#lift();
      this.#report();
      return;
    }
    // A task that is killed leaves the freezer to end, and the group counts as thawed for that moment.
    if (this.#isFreezeAsked()) return;
    // Another program thawed it: it must not grow past memory.high at max.
    this.#phase = 'armed';
    markTheirs(this.#options.files.path(FREEZE));
    const texts = textsOf(this.#record);
    if (texts) void this.#writeHigh(texts.high, this.#options.by).catch(() => {});
    this.#options.thawed();
  }

  #isFreezeAsked(): boolean {
    try {
      return this.#options.files.readNow(FREEZE) === '1';
    } catch {
      // The group was removed.
      return false;
    }
  }

  /** They thaw it. */
  #isFrozenByOthers(): boolean {
    const { files } = this.#options;
    return this.#isFreezeAsked() && (this.#record.before[FREEZE] === undefined || isTheirs(files.path(FREEZE)));
  }

  /** Sets memory.high to max, only after all tasks have stopped: until then it slows down a task that allocates within one system call. */
  #lift(): void {
    // Refused only for a removed group.
    if (textsOf(this.#record)) void this.#writeHigh('max', this.#options.by, () => this.#phase === 'caught').catch(() => {});
  }

  #writeHigh(text: string, by: string, still: () => boolean = () => true): Promise<void> {
    const written = this.#writing.then(async () => {
      if (still()) await this.#options.files.write(HIGH, text, by);
    });
    this.#writing = written.catch(() => {});
    return written;
  }

  #report(): void {
    this.#options.caught({
      reason: this.#reason,
      wokeMs: this.#wokeMs,
      state: this.#frozen ? 'frozen' : 'freezing',
      usageBytes: Number(this.#options.files.readNow('memory.current')),
    });
  }
}
