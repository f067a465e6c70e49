// One launch of a group as a state machine: its program, and the programs that joined it.
import type { CallParams } from '../../contract/calls.ts';
import type { GuardPlan } from '../../contract/guards.ts';
import { type LaunchRecord, MAIN } from './launch-store.ts';

/** reserved: its group is being made; starting: the launcher works, at first or for a restart; waiting: for its restart; stopped: not to be restarted. */
export type LaunchState = 'reserved' | 'starting' | 'running' | 'waiting' | 'stopped';

/** Launching a name again makes a new Launch. */
const NEXT: Readonly<Record<LaunchState, readonly LaunchState[]>> = {
  reserved: ['starting'],
  starting: ['running', 'waiting', 'stopped'],
  running: ['waiting', 'stopped'],
  waiting: ['starting', 'stopped'],
  stopped: [],
};

/** A launch by its group; with the inode, only the one that is meant. */
export type MeantLaunch = Pick<CallParams<'stop'>, 'group' | 'inode'>;

/** How many ended programs that joined are kept per group. */
const ENDED_KEPT = 8;

export class Launch {
  readonly group: string;
  readonly #guard: GuardPlan | undefined;
  #state: LaunchState = 'reserved';
  #hostId: number | undefined;
  #main: LaunchRecord | undefined;
  readonly #joined = new Map<string, LaunchRecord>();
  #end = Promise.withResolvers<void>();

  /** @param guard as requested, which is armed before the program starts */
  constructor(group: string, guard?: GuardPlan) {
    this.group = group;
    this.#guard = guard;
  }

  /** A launch from an earlier agent's records. If its main record is lost, only the programs that joined are known. */
  static of(group: string, records: readonly LaunchRecord[]): Launch {
    const launch = new Launch(group);
    for (const record of records) launch.note(record);
    const main = launch.#main;
    launch.#hostId = main?.hostId;
    launch.#state = main && !main.exit ? 'running' : main?.restarts.nextAt === undefined ? 'stopped' : 'waiting';
    return launch;
  }

  get state(): LaunchState {
    return this.#state;
  }

  /** Whether its program runs or will run, so that the name is taken. */
  get isUp(): boolean {
    return this.#state !== 'stopped';
  }

  /** Not used by another launch while this one is known, because a layer with its files may still be kept. */
  get hostId(): number | undefined {
    return this.#hostId;
  }

  get guard(): GuardPlan | undefined {
    return this.#main ? this.#main.request.guard : this.#guard;
  }

  get main(): LaunchRecord | undefined {
    return this.#main;
  }

  get joined(): LaunchRecord[] {
    return [...this.#joined.values()];
  }

  get records(): LaunchRecord[] {
    return [...(this.#main ? [this.#main] : []), ...this.#joined.values()];
  }

  get(id: string): LaunchRecord | undefined {
    return id === MAIN ? this.#main : this.#joined.get(id);
  }

  /** The id of the next program that joins. */
  nextId(): string {
    const numbers = [...this.#joined.keys()].map((id) => Number(/^exec-(\d+)$/.exec(id)?.[1] ?? 0));
    return `exec-${Math.max(0, ...numbers) + 1}`;
  }

  take(hostId: number): void {
    this.#hostId = hostId;
  }

  start(): void {
    this.#enter('starting');
    this.#end = Promise.withResolvers();
  }

  run(record: LaunchRecord): void {
    this.#enter('running');
    this.#main = record;
  }

  /** The program has ended or could not be restarted; it waits for a restart if `restarts.nextAt` is set. */
  rest(record: LaunchRecord): void {
    this.#enter(record.restarts.nextAt === undefined ? 'stopped' : 'waiting');
    this.#main = record;
    this.#end.resolve();
  }

  /** Replaces a record, without a change of state. */
  note(record: LaunchRecord): void {
    if (record.id === MAIN) this.#main = record;
    else this.#joined.set(record.id, record);
  }

  /** Resolves when the running program ends. */
  ended(): Promise<void> {
    return this.#end.promise;
  }

  /** Removes the oldest ended programs that joined. @returns these */
  prune(): LaunchRecord[] {
    const ended = this.joined.filter(({ exit }) => exit);
    const dropped = ended.slice(0, Math.max(0, ended.length - ENDED_KEPT));
    for (const { id } of dropped) this.#joined.delete(id);
    return dropped;
  }

  #enter(state: LaunchState): void {
    if (!NEXT[this.#state].includes(state)) throw new Error(`${this.group}: a launch that is ${this.#state} cannot become ${state}`);
    this.#state = state;
  }
}
