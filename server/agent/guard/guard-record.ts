// What a guard changes in its group, on disk before it is changed, so that the next agent can restore it after a crash.
import { join } from 'node:path';
import { z } from 'zod';
import { GroupPath } from '../../contract/paths.ts';
import { JsonFile } from '../state/json-file.ts';
import { StateFaults } from '../state/state-faults.ts';

export const GuardRecord = z.object({
  group: GroupPath,
  /** Boot and inode identify the group: a new group of the name has another. */
  boot: z.string(),
  inode: z.number(),
  version: z.union([z.literal(1), z.literal(2)]),
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
});
export type GuardRecord = z.infer<typeof GuardRecord>;

export class GuardStore {
  readonly #file: JsonFile<unknown[]>;
  #records = new Map<string, GuardRecord>();

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

  /** @throws ProblemError busy if the disk refuses it: then the group must not be changed */
  put(record: GuardRecord): void {
    const records = new Map(this.#records).set(record.group, record);
    this.#file.write([...records.values()]);
    this.#records = records;
  }

  /** Never throws for a disk: if the record stays, its group's files have other texts than ours, and nothing is restored. */
  drop(group: string): void {
    if (this.#records.delete(group)) this.#file.writeLess([...this.#records.values()], this.#records.size === 0);
  }
}
