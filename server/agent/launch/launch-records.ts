// The launches that are known, by group and id; what is shown of each.
import type { Launched } from '../../contract/launched.ts';
import { type LaunchRecord, type LaunchStore, MAIN } from './launch-store.ts';

/** Programs that joined and have ended are kept so many a group. */
const ENDED_KEPT = 8;

export class LaunchRecords {
  readonly #store: LaunchStore;
  readonly #groups = new Map<string, Map<string, LaunchRecord>>();

  constructor(store: LaunchStore) {
    this.#store = store;
  }

  get(group: string, id = MAIN): LaunchRecord | undefined {
    return this.#groups.get(group)?.get(id);
  }

  of(group: string): LaunchRecord[] {
    return [...(this.#groups.get(group)?.values() ?? [])];
  }

  all(): LaunchRecord[] {
    return [...this.#groups.values()].flatMap((group) => [...group.values()]);
  }

  /** Remembers a record, or what has changed in it, here and on disk. */
  set(record: LaunchRecord): void {
    this.add(record);
    this.#store.save(record);
  }

  /** Remembers one that is on disk already. */
  add(record: LaunchRecord): void {
    const group = this.#groups.get(record.group) ?? new Map<string, LaunchRecord>();
    group.set(record.id, record);
    this.#groups.set(record.group, group);
  }

  /** Forgets a group's launches here; on disk those whose exit is known: the others are still to be told. */
  forget(group: string): void {
    for (const { id, exit } of this.of(group)) if (exit) this.#store.forget(group, id);
    this.#groups.delete(group);
  }

  /** The id of the next program that joins a group. */
  nextId(group: string): string {
    const numbers = this.of(group).map(({ id }) => Number(/^exec-(\d+)$/.exec(id)?.[1] ?? 0));
    return `exec-${Math.max(0, ...numbers) + 1}`;
  }

  /** Lets the oldest of those that joined and ended go. */
  prune(group: string): void {
    const ended = this.of(group).filter(({ id, exit }) => id !== MAIN && exit);
    for (const { id } of ended.slice(0, Math.max(0, ended.length - ENDED_KEPT))) {
      this.#groups.get(group)?.delete(id);
      this.#store.forget(group, id);
    }
  }
}

/** What a viewer may see: not the environment, which may hold secrets, and nothing that is ours alone. */
export function shown(record: LaunchRecord): Launched {
  const { id, group, pid, argv, namespaces, cwd, tty, startedAt, network, restarts, exit } = record;
  const { env: _secret, ...request } = record.request;
  return {
    id,
    group,
    pid,
    argv,
    namespaces,
    tty,
    startedAt,
    restarts,
    ...(cwd === undefined ? {} : { cwd }),
    ...(id === MAIN ? { request } : {}),
    ...(network === undefined ? {} : { network }),
    ...(exit === undefined ? {} : { exit }),
  };
}
