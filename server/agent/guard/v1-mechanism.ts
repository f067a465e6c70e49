// A guard on v1: the hard limit is its limit, and with oom_kill_disable the kernel itself stops tasks that would exceed it (cgroup-v1/memory.rst, section 10).
// It stops them only in page faults of their own: a system call that needs memory fails with ENOMEM, which signals nothing (memcg1_oom_prepare).
import { writeFileSync } from 'node:fs';
import type { Source, Sources } from '../kernel/sources.ts';
import { registerEvent } from '../observe/watch/memory-watch.ts';
import type { GuardRecord } from './guard-record.ts';
import { all } from './guarded-files.ts';
import type { CatchReason, Mechanism, MechanismOptions } from './mechanism.ts';

export const LIMIT = 'memory.limit_in_bytes';
export const MEMSW = 'memory.memsw.limit_in_bytes';
export const OOM = 'memory.oom_control';
export const FREEZER = 'freezer.state';
const USAGE = 'memory.usage_in_bytes';

/** oom_kill_disable, "0" or "1". */
export function killDisabled(oomControl: string): string {
  return /^oom_kill_disable (\d)/m.exec(oomControl)?.[1] ?? '0';
}

export class V1Mechanism implements Mechanism {
  readonly #sources: Sources;
  readonly #options: MechanismOptions;
  #record: GuardRecord;
  #event: Source | undefined;
  #caught = false;

  constructor(sources: Sources, options: MechanismOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#record = options.record;
  }

  get isCaught(): boolean {
    return this.#caught;
  }

  watch(): void {
    if (this.#record.freezeAtBytes !== undefined) this.#watchLine();
    // Tasks that already wait at the limit cause no signal.
    this.#signalled('found', undefined);
  }

  #watchLine(): void {
    const event = registerEvent(this.#options.dir, OOM, '');
    this.#event = this.#sources.watch(`the guard of ${this.#options.dir}`, event, 'counter', (_, wokeMs) => this.#signalled('oom', wokeMs));
  }

  async apply(): Promise<void> {
    const { files } = this.#options;
    const limit = this.#record.freezeAtBytes;
    if (limit === undefined) return;
    // In this order nothing is killed, and the memory limit never exceeds that of memory and swap, which the kernel would refuse.
    await files.write(OOM, '1');
    if (files.has(MEMSW) && Number(await files.read(MEMSW)) < limit) await files.write(MEMSW, String(limit));
    await files.write(LIMIT, String(limit));
  }

  async release(record: GuardRecord, settled?: () => Promise<void>): Promise<void> {
    const lineBefore = this.#record.freezeAtBytes ?? 0;
    this.#record = record;
    await this.apply();
    if (this.#options.files.has(FREEZER)) await this.#options.files.write(FREEZER, 'THAWED');
    await settled?.();
    this.#caught = false;
    // Without a freezer it may have grown to the new limit by now. A task that waited at the old limit leaves under_oom only when it runs:
    // while usage is nearer to the old limit, no task waits at the new one.
    this.#signalled('found', undefined, (lineBefore + (record.freezeAtBytes ?? 0)) / 2);
  }

  async restore(): Promise<void> {
    const { files } = this.#options;
    const record = this.#record;
    this.close();
    await all([
      () => files.restore(record, LIMIT),
      () => files.restore(record, MEMSW),
      async () => {
        if (record.before[OOM] === '0' && killDisabled(await files.read(OOM)) === '1') await files.write(OOM, '0');
      },
      () => files.restore(record, FREEZER),
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

  /** @param atLeastBytes with less in use, no task waits at the limit */
  #signalled(reason: CatchReason, wokeMs: number | undefined, atLeastBytes = 0): void {
    if (this.#caught) return;
    const { files } = this.#options;
    try {
      const waiting =
        this.#record.freezeAtBytes !== undefined &&
        /^under_oom 1/m.test(files.readNow(OOM)) &&
        Number(files.readNow(USAGE)) >= atLeastBytes;
      // Frozen by others: they thaw it.
      const isOurs = this.#record.before[FREEZER] !== undefined;
      const stopped = isOurs && files.has(FREEZER) && files.readNow(FREEZER) !== 'THAWED';
      if (reason === 'oom' ? !waiting : !waiting && !stopped) return;
      this.#catch(reason, wokeMs);
    } catch {
      // The group is being removed, which also signals the eventfd.
    }
  }
  #catch(reason: CatchReason, wokeMs: number | undefined): void {
    const { files, mayFreeze, caught } = this.#options;
    this.#caught = true;
    // A task that waits for memory cannot be frozen, and keeps the state at FREEZING; the others stop, as on v2.
    if (files.has(FREEZER) && mayFreeze()) writeFileSync(files.path(FREEZER), 'FROZEN');
    const frozen = files.has(FREEZER) && files.readNow(FREEZER) === 'FROZEN';
    caught({ reason, wokeMs, state: frozen ? 'frozen' : 'freezing', usageBytes: Number(files.readNow(USAGE)) });
  }
}
