// What a hold has changed in its group, on disk before it is changed: whoever starts after a crash can put it back.
import { join } from 'node:path';
import { z } from 'zod';
import { GroupPath } from '../../contract/paths.ts';
import { JsonFile } from '../state/json-file.ts';
import { StateFaults } from '../state/state-faults.ts';

export const HoldRecord = z.object({
  group: GroupPath,
  /** Groups do not outlive a boot, and one that was made anew under the name has another inode. */
  boot: z.string(),
  inode: z.number(),
  version: z.union([z.literal(1), z.literal(2)]),
  lineBytes: z.number(),
  /** How far the wall stands above the line; absent where nothing but the line stands (v1, or no hard limit on v2). */
  marginBytes: z.number().optional(),
  /** Whether the wall was asked for, and so moves with the line; else it is the limit that the group had. */
  wallAsked: z.boolean(),
  /** What each control file is to say again, by its name. */
  before: z.record(z.string(), z.string()),
  /** What we wrote to each, or were about to: what is none of these is somebody else's, and stays. */
  ours: z.record(z.string(), z.array(z.string())),
});
export type HoldRecord = z.infer<typeof HoldRecord>;

export class HoldStore {
  readonly #file: JsonFile<unknown[]>;
  #records = new Map<string, HoldRecord>();

  constructor(stateDir: string, faults = new StateFaults()) {
    this.#file = new JsonFile({
      path: join(stateDir, 'holds.json'),
      schema: z.array(z.unknown()),
      cost: 'If a group was held when cgdeck ended, what it had before cannot be put back: look at its freezer and memory.high.',
      faults,
    });
  }

  /** What an earlier agent left. What cannot be read as a record is passed over: there is nothing to put back from it. */
  load(): HoldRecord[] {
    const records = (this.#file.read() ?? []).flatMap((one) => HoldRecord.safeParse(one).data ?? []);
    this.#records = new Map(records.map((record) => [record.group, record]));
    return records;
  }

  /** @throws ProblemError busy where the disk does not take it: then nothing may be changed in the group */
  put(record: HoldRecord): void {
    const records = new Map(this.#records).set(record.group, record);
    this.#file.write([...records.values()]);
    this.#records = records;
  }

  /** Never throws for a disk: a record that stays there is of a group whose files do not say what we wrote any more, so that nothing is put back. */
  drop(group: string): void {
    if (this.#records.delete(group)) this.#file.writeLess([...this.#records.values()], this.#records.size === 0);
  }
}
