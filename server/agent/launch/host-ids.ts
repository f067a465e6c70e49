// Gives each name of a launch its own range of unprivileged host ids, so that no launch can access another's files or processes, and a launch of
// the same name finds its files in a bound folder again.
import { randomInt } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ProblemError } from '../../contract/problems.ts';
import { errnoOf } from '../kernel/errno.ts';
import { JsonFile } from '../state/json-file.ts';
import type { StateFaults } from '../state/state-faults.ts';

/** Above the ids that distributions and systemd-nspawn assign. */
const FIRST_HOST_ID = 1_879_048_192;
const RANGES = 4096;
/** So many names keep their range, the latest used ones; the other ranges go round, so that a forgotten one is not the next name's. */
const NAMES = 2048;
const SAVE_MS = 200;
/** After a disk that refused. */
const AGAIN_MS = 1000;

/** The ids of a range, enough for any distribution's user database. */
export const MAPPED_IDS = 65_536;

const State = z.object({ ranges: z.record(z.string(), z.number().int()) });

/** Whether an id on disk is of some launch. */
export const isOfLaunch = (id: number): boolean => id >= FIRST_HOST_ID && id < FIRST_HOST_ID + RANGES * MAPPED_IDS;

export class HostIds {
  #next = randomInt(RANGES);
  #timer: NodeJS.Timeout | undefined;
  /** The first id of each name's range, the name used last at the end. */
  readonly #ranges: Map<string, number>;
  readonly #path: string;
  readonly #faults: StateFaults;

  constructor(stateDir: string, faults: StateFaults) {
    this.#path = join(stateDir, 'host-ids.json');
    this.#faults = faults;
    const cost = 'Launches get new user ids, so that files of theirs in bound folders may be closed to them.';
    const kept = new JsonFile({ path: this.#path, schema: State, cost, faults }).read()?.ranges ?? {};
    const valid = Object.entries(kept).filter(([, id]) => isOfLaunch(id) && id % MAPPED_IDS === 0);
    this.#ranges = new Map(valid.slice(-NAMES));
  }

  /**
   * The range of a name: its earlier one, unless that is in use, as by a layer that was kept.
   * @param taken the first ids of the ranges in use @returns the first id of the range @throws ProblemError conflict if there is none
   */
  of(name: string, taken: ReadonlySet<number>): number {
    const known = this.#ranges.get(name);
    this.#ranges.delete(name);
    const id = known !== undefined && !taken.has(known) ? known : this.#free(taken);
    this.#ranges.set(name, id);
    if (id !== known) this.#saveSoon();
    return id;
  }

  /** The name whose range has an id. */
  nameOf(id: number): string | undefined {
    const first = id - (id % MAPPED_IDS);
    return [...this.#ranges].find(([, range]) => range === first)?.[0];
  }

  #free(taken: ReadonlySet<number>): number {
    while (this.#ranges.size >= NAMES) this.#ranges.delete(this.#ranges.keys().next().value ?? '');
    const named = new Set(this.#ranges.values());
    for (let tried = 0; tried < RANGES; tried++) {
      const id = FIRST_HOST_ID + this.#next * MAPPED_IDS;
      this.#next = (this.#next + 1) % RANGES;
      if (!taken.has(id) && !named.has(id)) return id;
    }
    throw new ProblemError('conflict', `All ${RANGES} ranges of user ids are in use by launches and kept layers: remove one first.`);
  }

  /** Takes over the ids of a launch of an earlier agent, which may have been killed before it wrote them. */
  note(name: string, id: number): void {
    if (!isOfLaunch(id) || [...this.#ranges.values()].includes(id)) return;
    this.#ranges.set(name, id);
    this.#saveSoon();
  }

  /** Writes what is not written yet. */
  close(): void {
    if (this.#timer) this.#save();
    clearTimeout(this.#timer);
  }

  /** A launch does not wait for the disk, and a burst of them is written once. */
  #saveSoon(afterMs = SAVE_MS): void {
    this.#timer ??= setTimeout(() => this.#save(), afterMs).unref();
  }

  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify({ ranges: Object.fromEntries(this.#ranges) }), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
      this.#faults.set(this.#path, undefined);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === '') throw error;
      this.#faults.set(
        this.#path,
        `${this.#path} cannot be written (${errno}): launches may get other user ids after a restart of cgdeck.`,
      );
      this.#saveSoon(AGAIN_MS);
    }
  }
}
