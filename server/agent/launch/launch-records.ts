// The known launches, one per group, and their records as answers show them.
import type { GuardPlan } from '../../contract/guards.ts';
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

  /** False once its group was removed, also if another launch has that name now. */
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

  /** The folder of a terminal. @throws ProblemError not_found, or conflict without a terminal or after its end */
  terminal(group: string, id: string): { dir: string } {
    const { dir, tty, exit } = this.record(group, id);
    if (!tty) throw new ProblemError('conflict', `${group} was launched without a terminal: launch it again with tty.`, { file: group });
    if (exit) throw new ProblemError('conflict', `The program of ${group} has ended, and so has its terminal.`, { file: group });
    return { dir };
  }

  /** The groups whose programs run; routed networks of others can be removed. */
  running(): Set<string> {
    return new Set(this.all().flatMap(({ group, main }) => (main && !main.exit ? [group] : [])));
  }

  /** Makes a new launch with this group's name. */
  reserve(group: string, guard?: GuardPlan): Launch {
    this.forget(group);
    const launch = new Launch(group, guard);
    this.#launches.set(group, launch);
    return launch;
  }

  /** Takes over the launch of an earlier agent, from its records. */
  adopt(group: string, records: readonly LaunchRecord[]): Launch {
    const launch = Launch.of(group, records);
    this.#launches.set(group, launch);
    return launch;
  }

  /** Forgets a group's launch. On disk, records of programs that still run stay, because their end is still to be reported. */
  forget(group: string): void {
    for (const { dir, exit } of this.#launches.get(group)?.records ?? []) if (exit) this.#store.discard(dir);
    this.#launches.delete(group);
  }
}

function unknown(group: string, id: string): ProblemError {
  const what = id === MAIN ? `cgdeck has launched nothing in ${group}` : `cgdeck has no program ${id} that joined ${group}`;
  return new ProblemError('not_found', `${what}.`, { file: group });
}

/** A record as viewers may see it: without the environment, which may contain secrets, and internal fields. */
export function shown(record: LaunchRecord): Launched {
  const { id, group, pid, argv, namespaces, cwd, tty, startedAt, network, notes, restarts, exit } = record;
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
    ...(notes === undefined ? {} : { notes }),
    ...(exit === undefined ? {} : { exit }),
  };
}
