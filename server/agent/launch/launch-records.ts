// The launches that are known, one a group; what is shown of each.
import type { Launched } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import { Launch } from './launch.ts';
import { type LaunchRecord, type LaunchStore, MAIN } from './launch-store.ts';

export class LaunchRecords {
  readonly #store: LaunchStore;
  readonly #launches = new Map<string, Launch>();

  constructor(store: LaunchStore) {
    this.#store = store;
  }

  get(group: string): Launch | undefined {
    return this.#launches.get(group);
  }

  all(): Launch[] {
    return [...this.#launches.values()];
  }

  /** Whether it still is its group's: the group may have been removed, and another launched by its name. */
  isCurrent(launch: Launch): boolean {
    return this.#launches.get(launch.group) === launch;
  }

  /** @throws ProblemError not_found */
  known(group: string): Launch & { readonly main: LaunchRecord } {
    const launch = this.#launches.get(group);
    if (launch?.main) return launch as Launch & { readonly main: LaunchRecord };
    throw unknown(group, MAIN);
  }

  /** @throws ProblemError not_found */
  record(group: string, id: string): LaunchRecord {
    const record = this.#launches.get(group)?.get(id);
    if (record) return record;
    throw unknown(group, id);
  }

  /** Takes a group's name. */
  reserve(group: string): Launch {
    this.forget(group);
    const launch = new Launch(group);
    this.#launches.set(group, launch);
    return launch;
  }

  /** Launches of an earlier agent, from their records. */
  adopt(group: string, records: readonly LaunchRecord[]): Launch {
    const launch = Launch.of(group, records);
    this.#launches.set(group, launch);
    return launch;
  }

  /** Forgets a group's launch here; on disk those of its programs that have ended: the end of the others is still to be reported. */
  forget(group: string): void {
    for (const { dir, exit } of this.#launches.get(group)?.records ?? []) if (exit) this.#store.discard(dir);
    this.#launches.delete(group);
  }
}

function unknown(group: string, id: string): ProblemError {
  const what = id === MAIN ? `Nothing was launched in ${group}` : `No program ${id} joined ${group}`;
  return new ProblemError('not_found', `${what}: cgdeck knows only what it launched itself.`, { file: group });
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
