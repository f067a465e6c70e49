// What guards change, at the watchdog and on disk from before it is changed until it has been given back.
import type { GuardRecord, GuardStore } from './guard-record.ts';
import type { GuardedFiles } from './guarded-files.ts';
import type { Watchdog } from './watchdog.ts';

export class KeptRecords {
  readonly #store: GuardStore;
  readonly #watchdog: Watchdog | undefined;

  constructor(store: GuardStore, watchdog: Watchdog | undefined) {
    this.#store = store;
    this.#watchdog = watchdog;
  }

  load(): GuardRecord[] {
    return this.#store.load();
  }

  /** One that is on disk already. @throws ProblemError if the watchdog does not take it */
  async hold(record: GuardRecord, files: GuardedFiles): Promise<void> {
    await this.#watchdog?.hold(record, files);
  }

  /** @param isKnown there is an earlier one of the group, which then stays @throws ProblemError if the watchdog or the disk does not take it */
  async put(record: GuardRecord, files: GuardedFiles, isKnown: () => boolean): Promise<void> {
    await this.#watchdog?.hold(record, files);
    try {
      await this.#store.put(record);
    } catch (error) {
      if (!isKnown()) this.#watchdog?.drop(record);
      throw error;
    }
  }

  /** The group has been given back. */
  async drop(record: GuardRecord): Promise<void> {
    await this.#store.drop(record.group);
    this.#watchdog?.drop(record);
  }

  /**
   * The group is not at its path any more. One that was renamed (v1) has its directories still open at the watchdog. At once: a new group of the
   * name may have a guard before the disk has written.
   */
  gone(record: GuardRecord): Promise<void> {
    this.#watchdog?.giveBack(record);
    return this.#store.drop(record.group);
  }

  /** The watchdog tries what we could not, soon. */
  giveBack(record: GuardRecord): void {
    this.#watchdog?.giveBack(record);
  }
}
