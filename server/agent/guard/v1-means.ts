// The hold on v1: the hard limit is the line, and with oom_kill_disable the kernel itself holds who would cross it (cgroup-v1/memory.rst, section 10).
import { writeFileSync } from 'node:fs';
import type { Source, Sources } from '../kernel/sources.ts';
import { registerEvent } from '../observe/watch/memory-watch.ts';
import { all } from './held-files.ts';
import type { HoldRecord } from './hold-record.ts';
import type { HoldReason, Means, MeansOptions } from './means.ts';

export const LIMIT = 'memory.limit_in_bytes';
export const MEMSW = 'memory.memsw.limit_in_bytes';
export const OOM = 'memory.oom_control';
export const FREEZER = 'freezer.state';
const USAGE = 'memory.usage_in_bytes';

/** Whether the kernel does not kill at the limit, "0" or "1". */
export function killDisabled(oomControl: string): string {
  return /^oom_kill_disable (\d)/m.exec(oomControl)?.[1] ?? '0';
}

export class V1Means implements Means {
  readonly #sources: Sources;
  readonly #options: MeansOptions;
  #record: HoldRecord;
  #event: Source | undefined;
  #held = false;

  constructor(sources: Sources, options: MeansOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#record = options.record;
  }

  get held(): boolean {
    return this.#held;
  }

  watch(): void {
    const event = registerEvent(this.#options.dir, OOM, '');
    this.#event = this.#sources.watch(`the hold of ${this.#options.dir}`, event, 'counter', (_, wokeMs) => this.#signalled('oom', wokeMs));
    // Who sleeps at the limit already signals no more.
    this.#signalled('found', undefined);
  }

  async draw(): Promise<void> {
    const { files } = this.#options;
    const line = this.#record.lineBytes;
    // In this order nobody is killed on the way, and memory is never above memory and swap, which the kernel would refuse.
    await files.write(OOM, '1');
    if (files.has(MEMSW) && Number(await files.read(MEMSW)) < line) await files.write(MEMSW, String(line));
    await files.write(LIMIT, String(line));
  }

  async letGo(record: HoldRecord): Promise<void> {
    const lineBefore = this.#record.lineBytes;
    this.#record = record;
    await this.draw();
    this.#held = false;
    if (this.#options.files.has(FREEZER)) await this.#options.files.write(FREEZER, 'THAWED');
    // Where no freezer stopped it, it may have grown to the new line by now. Whoever waited at the old one takes itself out of under_oom
    // only when it runs: as long as usage is nearer to that, it is not the new line that is waited at.
    this.#signalled('found', undefined, (lineBefore + record.lineBytes) / 2);
  }

  async restore(): Promise<void> {
    const { files } = this.#options;
    const record = this.#record;
    this.close();
    await all([
      () => files.putBack(record, LIMIT),
      () => files.putBack(record, MEMSW),
      async () => {
        if (record.before[OOM] === '0' && killDisabled(await files.read(OOM)) === '1') await files.write(OOM, '0');
      },
      () => files.putBack(record, FREEZER),
    ]);
  }

  close(): void {
    this.#event?.close();
  }

  /** @param atLeastBytes with less in use, nobody waits at the line */
  #signalled(reason: HoldReason, wokeMs: number | undefined, atLeastBytes = 0): void {
    if (this.#held) return;
    const { files, mayFreeze, caught } = this.#options;
    try {
      const waiting = /^under_oom 1/m.test(files.readNow(OOM)) && Number(files.readNow(USAGE)) >= atLeastBytes;
      const stopped = files.has(FREEZER) && files.readNow(FREEZER) !== 'THAWED';
      if (reason === 'oom' ? !waiting : !waiting && !stopped) return;
      this.#held = true;
      // Whoever waits for memory cannot be frozen, and keeps the state at FREEZING; the others stop, as on v2.
      if (files.has(FREEZER) && mayFreeze()) writeFileSync(files.path(FREEZER), 'FROZEN');
      const frozen = files.has(FREEZER) && files.readNow(FREEZER) === 'FROZEN';
      caught({ reason, wokeMs, state: frozen ? 'frozen' : 'freezing', usageBytes: Number(files.readNow(USAGE)) });
    } catch {
      // The group is going: its eventfd is signalled as well, and nobody is left to be held.
    }
  }
}
