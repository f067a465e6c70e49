// The held groups on disk, so that the next agent continues with the same deadline and knows what was tried.
import { join } from 'node:path';
import { z } from 'zod';
import { Hold } from '../../contract/guards.ts';
import { JsonFile } from '../state/json-file.ts';
import { StateFaults } from '../state/state-faults.ts';

const StoredHold = Hold.omit({ facts: true, suggestedBytes: true, next: true, reclaim: true }).extend({
  boot: z.string(),
  /** CLOCK_MONOTONIC, ms: the wall clock may be set. */
  decidesAtMonoMs: z.number(),
  sinceMonoMs: z.number().optional(),
  bytesPerSec: z.number().optional(),
});
export type StoredHold = z.infer<typeof StoredHold>;

export class HoldStore {
  readonly #boot: string;
  readonly #file: JsonFile<unknown[]>;
  #isDue = false;

  constructor(stateDir: string, boot: string, faults = new StateFaults()) {
    this.#boot = boot;
    this.#file = new JsonFile({
      path: join(stateDir, 'holds.json'),
      schema: z.array(z.unknown()),
      cost: 'Groups that guards held when cgdeck ended are held with a new deadline.',
      faults,
    });
  }

  /** Those of this boot; damaged ones are skipped. */
  load(): StoredHold[] {
    return (this.#file.read() ?? []).flatMap((one) => StoredHold.safeParse(one).data ?? []).filter(({ boot }) => boot === this.#boot);
  }

  /** Once for all that happens in one turn of the event loop, such as a hundred groups that are held at once. */
  saveSoon(holds: () => readonly Omit<StoredHold, 'boot'>[]): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.save(holds());
    });
  }

  /** Never throws for a disk: a hold that is not on disk gets a new deadline after a restart. */
  save(holds: readonly Omit<StoredHold, 'boot'>[]): void {
    this.#file.writeLess(
      holds.map((hold) => ({ ...hold, boot: this.#boot })),
      holds.length === 0,
    );
  }
}
