// What a guard changes in its group, on disk before it is changed, so that the next agent can restore it after a crash.
import { join } from 'node:path';
import { z } from 'zod';
import { GroupPath } from '../../contract/path-schemas.ts';
import { JsonFile } from '../state/json-file.ts';
import { StateFaults } from '../state/state-faults.ts';

export const GuardRecord = z.object({
  group: GroupPath,
  /** Boot and inode identify the group: a new group of the name has another. */
  boot: z.string(),
  inode: z.number(),
  version: z.union([z.literal(1), z.literal(2)]),
  /** Of the guard, which is the author of its writes. */
  pattern: z.string().optional(),
  /** Absent for a guard that changes no limit, and holds only on request. */
  freezeAtBytes: z.number().optional(),
  /** v1: the guard's limit of memory and swap together, where it has a line on them. */
  memswBytes: z.number().optional(),
  /** v2: the hard limit less the guard's limit; absent without a hard limit, and on v1. */
  marginBytes: z.number().optional(),
  /** Whether the hard limit was asked for, and so moves with the guard's limit; else it is the group's own. */
  hardLimitAsked: z.boolean(),
  /** The text to restore, by control file. */
  before: z.record(z.string(), z.string()),
  /** The texts that the guard wrote, or was about to write, by control file: any other text was written by another program, and is kept. */
  ours: z.record(z.string(), z.array(z.string())),
  /** How often a limit was raised by the guard's own steps; absent for never. */
  raises: z.number().int().optional(),
});
export type GuardRecord = z.infer<typeof GuardRecord>;

type Change = (records: Map<string, GuardRecord>) => void;

interface Waiting {
  readonly change: Change;
  /** A change that has happened already: the disk cannot refuse it. */
  readonly isLess: boolean;
  readonly written: PromiseWithResolvers<void>;
}

/** Changes that come while the file is written are written together: many guards at once cost few writes. */
export class GuardStore {
  readonly #file: JsonFile<unknown[]>;
  #records = new Map<string, GuardRecord>();
  #waiting: Waiting[] = [];
  #working = false;

  constructor(stateDir: string, faults = new StateFaults()) {
    this.#file = new JsonFile({
      path: join(stateDir, 'guard-records.json'),
      schema: z.array(z.unknown()),
      cost: 'If a group had a guard when cgdeck ended, its values from before cannot be restored: check whether it is frozen, and its memory limits.',
      faults,
    });
  }

  /** The records that an earlier agent left; damaged ones are skipped. */
  load(): GuardRecord[] {
    const records = (this.#file.read() ?? []).flatMap((one) => GuardRecord.safeParse(one).data ?? []);
    this.#records = new Map(records.map((record) => [record.group, record]));
    return records;
  }

  /** @returns once it is on disk @throws ProblemError busy if the disk refuses it: then the group must not be changed */
  put(record: GuardRecord): Promise<void> {
    return this.#write((records) => records.set(record.group, record), false);
  }

  /** Never throws for a disk: if the record stays, its group's files have other texts than ours, and nothing is restored. */
  drop(group: string): Promise<void> {
    return this.#write((records) => records.delete(group), true);
  }

  #write(change: Change, isLess: boolean): Promise<void> {
    const written = Promise.withResolvers<void>();
    this.#waiting.push({ change, isLess, written });
    if (!this.#working) void this.#work();
    return written.promise;
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#writeAll(batch);
        for (const { written } of batch) written.resolve();
      } catch (error) {
        const less = batch.filter(({ isLess }) => isLess);
        for (const { isLess, written } of batch) if (!isLess) written.reject(error);
        await this.#writeAll(less).catch(() => undefined);
        for (const { written } of less) written.resolve();
      }
    }
    this.#working = false;
  }

  async #writeAll(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    const records = new Map(this.#records);
    for (const { change } of batch) change(records);
    const isLess = batch.every((one) => one.isLess);
    if (isLess) this.#records = records;
    const values = [...records.values()];
    await (isLess ? this.#file.writeLessApart(values, values.length === 0) : this.#file.writeApart(values));
    this.#records = records;
  }
}
