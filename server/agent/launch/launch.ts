// One launch of a group as a state machine, from the moment that its name is taken: its program, and those that joined it.
import { type LaunchRecord, MAIN } from './launch-store.ts';

/** reserved: its group is being made; starting: the launcher is at work, for the first time or again; waiting: for its restart; stopped: it stays down. */
export type LaunchState = 'reserved' | 'starting' | 'running' | 'waiting' | 'stopped';

/** A name that is launched anew begins with a new Launch. */
const NEXT: Readonly<Record<LaunchState, readonly LaunchState[]>> = {
  reserved: ['starting'],
  starting: ['running', 'waiting', 'stopped'],
  running: ['waiting', 'stopped'],
  waiting: ['starting', 'stopped'],
  stopped: [],
};

/** Programs that joined and have ended are kept so many a group. */
const ENDED_KEPT = 8;

export class Launch {
  readonly group: string;
  #state: LaunchState = 'reserved';
  #hostId: number | undefined;
  #main: LaunchRecord | undefined;
  readonly #joined = new Map<string, LaunchRecord>();
  #end = Promise.withResolvers<void>();

  constructor(group: string) {
    this.group = group;
  }

  /** As an earlier agent wrote it down; without its own record where that is lost, and only programs that joined it are known. */
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

  /** Whether the name is taken: its program runs, or will. */
  get isUp(): boolean {
    return this.#state !== 'stopped';
  }

  /** No other launch has it, for as long as this one is known: what it wrote to a layer may be kept later. */
  get hostId(): number | undefined {
    return this.#hostId;
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

  /** The program runs. */
  run(record: LaunchRecord): void {
    this.#enter('running');
    this.#main = record;
  }

  /** The program has ended, could not be started again, or is not to be: `restarts.nextAt` says whether it waits. */
  rest(record: LaunchRecord): void {
    this.#enter(record.restarts.nextAt === undefined ? 'stopped' : 'waiting');
    this.#main = record;
    this.#end.resolve();
  }

  /** What has changed in a record, its state apart. */
  note(record: LaunchRecord): void {
    if (record.id === MAIN) this.#main = record;
    else this.#joined.set(record.id, record);
  }

  /** Resolves at the end of the program that runs. */
  ended(): Promise<void> {
    return this.#end.promise;
  }

  /** Drops the oldest of those that joined and have ended. @returns these */
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
