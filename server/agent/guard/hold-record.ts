// What a hold has changed in its group, on disk before it is changed: whoever starts after a crash can put it back.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { GroupPath } from '../../contract/paths.ts';

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
  readonly #path: string;
  #records = new Map<string, HoldRecord>();

  constructor(stateDir: string) {
    this.#path = join(stateDir, 'holds.json');
  }

  /** What an earlier agent left. What cannot be read as a record is passed over: there is nothing to put back from it. */
  load(): HoldRecord[] {
    let left: unknown;
    try {
      left = JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch {
      left = [];
    }
    const records = (Array.isArray(left) ? left : []).flatMap((one) => HoldRecord.safeParse(one).data ?? []);
    this.#records = new Map(records.map((record) => [record.group, record]));
    return records;
  }

  /** @throws where the disk does not take it: then nothing may be changed in the group */
  put(record: HoldRecord): void {
    this.#write(new Map(this.#records).set(record.group, record));
  }

  drop(group: string): void {
    if (!this.#records.has(group)) return;
    const left = new Map(this.#records);
    left.delete(group);
    this.#write(left);
  }

  /** The old file or the new one, whenever the machine stops. */
  #write(records: Map<string, HoldRecord>): void {
    const fresh = `${this.#path}.new`;
    const fd = openSync(fresh, 'w', 0o600);
    try {
      writeSync(fd, JSON.stringify([...records.values()]));
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(fresh, this.#path);
    this.#records = records;
  }
}
