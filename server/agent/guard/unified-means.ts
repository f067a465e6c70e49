// The hold on v2: memory.high is the line, its events and pressure are the signal, cgroup.freeze holds, memory.max is the wall (cgroup-v2.rst, “Memory”).
import { closeSync, openSync, writeSync } from 'node:fs';
import { usualLevels } from '../../contract/pressure.ts';
import { limitBytes } from '../../contract/units.ts';
import { type Counters, NotifiedFile } from '../kernel/notified-file.ts';
import type { Source, Sources } from '../kernel/sources.ts';
import { openTrigger } from '../observe/watch/pressure-triggers.ts';
import { all } from './held-files.ts';
import type { HoldRecord } from './hold-record.ts';
import type { HoldReason, Means, MeansOptions } from './means.ts';

const HIGH = 'memory.high';
const MAX = 'memory.max';
const FREEZE = 'cgroup.freeze';
/** The kernel tells of memory.high when usage is over it; a moment later some may have been reclaimed. */
const AT_LINE = 15 / 16;
/** A group that fills its line with cache is at its line for ever, and in no danger: this much of it must be what stays. */
const STAYS = 7 / 8;

/** What the kernel can take back without asking anybody, of memory.stat. */
function reclaimable(stat: string): number {
  let bytes = 0;
  for (const [, value] of stat.matchAll(/^(?:inactive_file|active_file|slab_reclaimable) (\d+)$/gm)) bytes += Number(value);
  return bytes;
}

/** What is written, by file; `max` is left as it is where no wall stands. */
export function linesOf(record: HoldRecord): { readonly high: string; readonly max: string | undefined } {
  const { lineBytes, marginBytes } = record;
  return { high: String(lineBytes), max: marginBytes === undefined ? undefined : String(lineBytes + marginBytes) };
}

export class UnifiedMeans implements Means {
  readonly #sources: Sources;
  readonly #options: MeansOptions;
  #record: HoldRecord;
  #notified: NotifiedFile[] = [];
  #freeze = -1;
  #trigger: Source | undefined;
  /** While it is let go, the line that is drawn again must not be lifted by the notice that the group has come to stand still just then. */
  #phase: 'armed' | 'held' | 'letting-go' = 'armed';
  #frozen = false;
  #reason: HoldReason = 'found';
  #wokeMs: number | undefined;
  /** Writes of memory.high one after the other: to lift the line must not come after it is drawn again. */
  #writing: Promise<void> = Promise.resolve();

  constructor(sources: Sources, options: MeansOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#record = options.record;
  }

  get held(): boolean {
    return this.#phase !== 'armed';
  }

  watch(): void {
    const { files } = this.#options;
    this.#freeze = openSync(files.path(FREEZE), 'w');
    const core = new NotifiedFile(this.#sources, files.path('cgroup.events'), (now) => this.#stateChanged(now));
    this.#notified.push(core);
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
      // A kernel that measures no pressure: memory.events is the signal that catches what grows.
    }
    if (files.readNow(FREEZE) === '1') this.#take('found', undefined);
  }

  async draw(): Promise<void> {
    const { files } = this.#options;
    const { high, max } = linesOf(this.#record);
    // A limit of the group's own is moved only where the line would come over it.
    if (max !== undefined && (this.#record.wallAsked || limitBytes(await files.read(MAX)) <= this.#record.lineBytes))
      await files.write(MAX, max);
    await this.#writeHigh(high);
  }

  async letGo(record: HoldRecord): Promise<void> {
    this.#record = record;
    this.#phase = 'letting-go';
    try {
      // The line first: what grows from the moment that it is thawed is caught at it.
      await this.draw();
    } catch (error) {
      this.#phase = 'held';
      if (this.#frozen) this.#lift();
      throw error;
    }
    this.#phase = 'armed';
    writeSync(this.#freeze, '0', 0);
  }

  async restore(): Promise<void> {
    const { files } = this.#options;
    const record = this.#record;
    // What comes from now on catches nobody any more.
    this.close();
    await all([
      () => this.#writing,
      () => files.putBack(record, HIGH),
      async () => {
        // A hard limit under the usage would kill: better a wall that is too high than a process that is gone.
        if (limitBytes(record.before[MAX] ?? 'max') > Number(await files.read('memory.current'))) await files.putBack(record, MAX);
      },
      () => files.putBack(record, FREEZE),
    ]);
  }

  close(): void {
    for (const file of this.#notified) file.close();
    this.#notified = [];
    this.#trigger?.close();
    if (this.#freeze >= 0) closeSync(this.#freeze);
    this.#freeze = -1;
  }

  #signalled(reason: HoldReason, wokeMs: number): void {
    if (this.#phase !== 'armed') return;
    try {
      if (this.#inDanger(reason) && this.#options.mayFreeze()) this.#take(reason, wokeMs);
    } catch {
      // The group is going: nobody is left to be held.
    }
  }

  #inDanger(reason: HoldReason): boolean {
    const { files } = this.#options;
    const { lineBytes } = this.#record;
    const usage = Number(files.readNow('memory.current'));
    if (usage < lineBytes * AT_LINE) return false;
    // At its line and standing still: whatever fills it, it is not reclaimed in time.
    return reason === 'pressure' || usage - reclaimable(files.readNow('memory.stat')) >= lineBytes * STAYS;
  }

  #take(reason: HoldReason, wokeMs: number | undefined): void {
    writeSync(this.#freeze, '1', 0);
    this.#phase = 'held';
    this.#reason = reason;
    this.#wokeMs = wokeMs;
    this.#frozen = /^frozen 1$/m.test(this.#options.files.readNow('cgroup.events'));
    if (this.#frozen) this.#lift();
    this.#tell();
  }

  #stateChanged(now: Counters): void {
    const frozen = now.frozen === 1;
    if (this.#phase === 'armed' || frozen === this.#frozen) return;
    this.#frozen = frozen;
    if (this.#phase === 'letting-go') return;
    if (frozen) {
      this.#lift();
      this.#tell();
      return;
    }
    // Somebody else thawed it: it runs again, and must not run past a line that is lifted.
    this.#phase = 'armed';
    void this.#writeHigh(linesOf(this.#record).high).catch(() => {});
  }

  /** Only once nobody runs: until then the line is what slows down a task that allocates inside one system call. */
  #lift(): void {
    // Refused only for a group that is gone.
    void this.#writeHigh('max', () => this.#phase === 'held').catch(() => {});
  }

  #writeHigh(text: string, still: () => boolean = () => true): Promise<void> {
    const written = this.#writing.then(async () => {
      if (still()) await this.#options.files.write(HIGH, text);
    });
    this.#writing = written.catch(() => {});
    return written;
  }

  #tell(): void {
    this.#options.caught({
      reason: this.#reason,
      wokeMs: this.#wokeMs,
      state: this.#frozen ? 'frozen' : 'freezing',
      usageBytes: Number(this.#options.files.readNow('memory.current')),
    });
  }
}
