// Launches: from a request to a running process in its group, and on to its exit, across restarts of the agent.
import { join } from 'node:path';
import { buildDir } from '../../../native/libc/library.ts';
import type { JoinRequest, LaunchRequest, Rates } from '../../contract/launch.ts';
import type { Exit, LaunchAnswer, Launched, RoutedNetwork } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import { Follower } from './follower.ts';
import { LaunchRecords, shown } from './launch-records.ts';
import { type LaunchRecord, LaunchStore, MAIN } from './launch-store.ts';
import { Launcher } from './launcher.ts';
import { Layers } from './layers.ts';
import type { LaunchesOptions } from './ports.ts';
import { Restarts } from './restarts.ts';
import { checkRootless, unseenBy } from './rootless.ts';
import { SharedFolders } from './shared-folders.ts';
import { Starter } from './starter.ts';
import { Tool } from './tool.ts';
import { Trash } from './trash.ts';
import { Turnstile } from './turnstile.ts';

/** So many launches at once keep two processors busy; as many as a burst brings may wait. */
const AT_ONCE = 4;
const MAY_WAIT = 1000;
/** Programs that joined one launch and run. */
const MOST_JOINED = 32;
/** After SIGKILL: a process that the kernel does not let go of ends later than anybody waits. */
const KILLED_WAIT_MS = 5000;

export interface StopAnswer {
  readonly how: 'ended' | 'killed';
  readonly killed: number[];
  readonly tookMs: number;
  readonly exit?: Exit;
}

export class Launches {
  readonly layers: Layers;
  readonly #options: LaunchesOptions;
  readonly #store: LaunchStore;
  readonly #records: LaunchRecords;
  readonly #launcher: Launcher;
  readonly #starter: Starter;
  readonly #follower: Follower;
  readonly #tool: Tool;
  readonly #shared: SharedFolders;
  readonly #turnstile = new Turnstile(AT_ONCE, MAY_WAIT);
  readonly #restarts: Restarts;
  readonly #waiting = new Map<number, Set<() => void>>();

  constructor(options: LaunchesOptions) {
    const { stateDir, runDir, sources, networks, boot } = options;
    this.#options = options;
    const trash = new Trash(stateDir);
    this.#store = new LaunchStore(stateDir, trash);
    this.#records = new LaunchRecords(this.#store);
    this.layers = new Layers(stateDir, trash);
    this.#tool = new Tool(runDir);
    this.#shared = new SharedFolders({
      share: options.share,
      own: [stateDir, runDir, join(buildDir, '..', '..')],
      unseen: options.rootless && unseenBy(options.rootless),
    });
    this.#launcher = new Launcher(sources);
    this.#starter = new Starter({
      store: this.#store,
      launcher: this.#launcher,
      records: this.#records,
      layers: this.layers,
      networks,
      toolDir: this.#tool.dir,
      boot,
      rootless: options.rootless,
      shared: this.#shared,
    });
    this.#follower = new Follower(sources, this.#store, (record, wokeMs) => this.#ended(record, wokeMs));
    this.#restarts = new Restarts({
      records: this.#records,
      exists: options.groups.exists,
      start: (before) => this.#startAgain(before),
      started: (record) => {
        this.#running(record);
        options.restarted(record);
      },
      end: options.groups.empty,
    });
  }

  /** Finds the processes of earlier launches again; those that ended meanwhile are told with how they ended. */
  adopt(): void {
    for (const record of this.#store.all()) {
      const { group, id, exit } = record;
      const sameBoot = record.boot === this.#options.boot;
      if (exit && !(sameBoot && this.#options.groups.exists(group))) {
        this.#store.forget(group, id);
        continue;
      }
      this.#records.add(record);
      const { layer } = record.request.overlay ?? {};
      if (layer !== undefined && id === MAIN) this.#claim(layer, group);
      if (!exit && sameBoot) this.#follower.resume(record);
      else if (!exit) this.#ended(record, undefined);
      else if (record.restarts.nextAt !== undefined) this.#restarts.plan(record, record.restarts.nextAt - Date.now());
    }
  }

  /** Keeps a launcher ready from now on. */
  prepare(): Promise<void> {
    return this.#launcher.prepare();
  }

  /** The groups whose programs run: what else is left of routed networks is nobody's. */
  running(): Set<string> {
    return new Set(this.#records.all().flatMap(({ id, group, exit }) => (id === MAIN && !exit ? [group] : [])));
  }

  get(group: string): Launched | undefined {
    const record = this.#records.get(group);
    return record && shown(record);
  }

  joined(group: string): Launched[] {
    return this.#records.of(group).flatMap((record) => (record.id === MAIN ? [] : [shown(record)]));
  }

  /** @throws ProblemError not_found */
  request(group: string): LaunchRequest {
    return this.#known(group, MAIN).request;
  }

  /** Whether the name is taken: it runs, or waits to be started again. */
  isRunning(group: string): boolean {
    const record = this.#records.get(group);
    return record !== undefined && (record.exit === undefined || record.restarts.nextAt !== undefined);
  }

  /** Where a launch's output and terminal are. @throws ProblemError not_found */
  folder(group: string, id: string): { dir: string; tty: boolean } {
    const { tty } = this.#known(group, id);
    return { dir: this.#store.dir(group, id), tty };
  }

  /** @throws ProblemError not_found, or conflict where there is no terminal (any more) */
  terminal(group: string, id: string): { dir: string } {
    const { tty, exit } = this.#known(group, id);
    if (!tty) throw new ProblemError('conflict', `${group} was launched without a terminal: launch it again with tty.`, { file: group });
    if (exit) throw new ProblemError('conflict', `The program of ${group} has ended, and its terminal with it.`, { file: group });
    return { dir: this.#store.dir(group, id) };
  }

  /** The folder of the layer that a launch writes to. @throws ProblemError not_found */
  layerDir(group: string): string {
    const { overlay } = this.#known(group, MAIN).request;
    const own = this.layers.of(this.#store.dir(group));
    if (overlay?.layer !== undefined) return this.layers.dirOf(overlay.layer);
    if (own) return own.dir;
    throw new ProblemError('not_found', `${group} writes to no layer, or its layer was kept: launch with an overlay to have one.`, {
      file: group,
    });
  }

  /** @throws ProblemError not_found, or conflict while the program runs or may be started again */
  keepLayer(group: string, name: string): void {
    this.#known(group, MAIN);
    if (this.isRunning(group))
      throw new ProblemError('conflict', `${group} still writes to its layer: stop it first, then keep what it wrote.`, { file: group });
    this.layers.keep(this.#store.dir(group), name);
  }

  /** When the product stops: nothing is started again, and the presets' program goes, unless something that was launched may still want it. */
  close(): void {
    this.#restarts.close();
    this.#launcher.close();
    if (this.running().size === 0) this.#tool.remove();
  }

  /** The group was removed: its launch goes with it. */
  forget(group: string): void {
    this.#restarts.cancel(group);
    this.#records.forget(group);
    this.layers.release(group);
    void this.#options.networks.detach(group);
  }

  /** @throws ProblemError with the failed step; no process and no group is left then */
  launch(group: string, request: LaunchRequest, by: string): Promise<LaunchAnswer> {
    const started = performance.now();
    return this.#turnstile.pass(async () => {
      const { groups, rootless } = this.#options;
      if (rootless) checkRootless(rootless, request);
      this.#shared.place(request);
      const { limits, translated } = await groups.make(group, request, by);
      try {
        const record = await this.#starter.main({ group, request, procs: groups.procs(group), by });
        const launchMs = performance.now() - started;
        this.#running(record);
        const { pid, network } = record;
        return {
          group,
          pid,
          launchMs,
          limits,
          ...(Object.keys(translated).length > 0 ? { translated } : {}),
          ...(network ? { network } : {}),
        };
      } catch (error) {
        this.layers.release(group);
        this.#store.forget(group);
        await groups.discard(group, by);
        throw error;
      }
    });
  }

  /** A second program in a running launch. @throws ProblemError not_found, conflict, or with the failed step */
  join(group: string, asked: JoinRequest, by: string): Promise<Launched & { launchMs: number }> {
    const started = performance.now();
    return this.#turnstile.pass(async () => {
      const main = this.#known(group, MAIN);
      if (main.exit)
        throw new ProblemError('conflict', `The program of ${group} has ended: there is nothing to join. Launch it again.`, {
          file: group,
        });
      if (this.#records.of(group).filter(({ id, exit }) => id !== MAIN && !exit).length >= MOST_JOINED)
        throw new ProblemError('conflict', `${MOST_JOINED} programs have joined ${group} already: end one first.`, { file: group });
      const record = await this.#starter.join(main, asked, this.#options.groups.procs(group), by);
      const launchMs = performance.now() - started;
      this.#running(record);
      this.#records.prune(group);
      return { ...shown(record), launchMs };
    });
  }

  /** SIGTERM to the program, and after the grace time SIGKILL to all of the group; whoever is left besides the program is ended too. */
  async stop(group: string, graceMs: number | undefined): Promise<StopAnswer> {
    const { groups } = this.#options;
    const begun = performance.now();
    const record = this.#known(group, MAIN);
    this.#records.set(this.#restarts.callOff({ ...record, stopped: true }));
    const gone = record.exit ? Promise.resolve() : this.#whenEnded(record.pid);
    if (!record.exit) {
      await groups.terminate(group, record.pid);
      await within(gone, graceMs ?? record.request.graceMs);
    }
    const inTime = this.#hasEnded(record);
    const killed = await groups.empty(group);
    await within(gone, KILLED_WAIT_MS);
    const now = this.#records.get(group);
    const exit = now?.pid === record.pid ? now.exit : undefined;
    return { how: inTime ? 'ended' : 'killed', killed, tookMs: performance.now() - begun, ...(exit ? { exit } : {}) };
  }

  /** @throws ProblemError not_found, or conflict where its network is not routed */
  async setRates(group: string, rates: Rates): Promise<RoutedNetwork> {
    const record = this.#known(group, MAIN);
    if (!record.network || record.exit)
      throw new ProblemError('conflict', `${group} has no routed network whose rate could be set.`, { file: group });
    const network = await this.#options.networks.setRates(group, { ...record.network.rates, ...rates });
    const now = this.#records.get(group);
    // What is asked for again, by a restart or a person, is what holds now.
    if (now?.pid === record.pid) this.#records.set({ ...now, network, request: { ...now.request, rates: network.rates } });
    return network;
  }

  #known(group: string, id: string): LaunchRecord {
    const record = this.#records.get(group, id);
    if (record) return record;
    const what = id === MAIN ? `Nothing was launched in ${group}` : `No program ${id} joined ${group}`;
    throw new ProblemError('not_found', `${what}: cgdeck knows only what it launched itself.`, { file: group });
  }

  #claim(layer: string, group: string): void {
    try {
      this.layers.use(layer, group);
    } catch {
      // It was thrown away meanwhile; a restart will say so.
    }
  }

  #running(record: LaunchRecord): void {
    const { cpuMs } = this.#options.groups.usage(record.group);
    const whole = record.id === MAIN && cpuMs !== undefined ? { ...record, cpuMsBefore: cpuMs } : record;
    this.#records.set(whole);
    this.#follower.begin(whole);
  }

  #ended(record: LaunchRecord, wokeMs: number | undefined): void {
    // What was noted since it was started: that somebody stopped it, or new rates.
    const known = this.#records.get(record.group, record.id);
    const latest = known?.pid === record.pid ? known : record;
    const exit = this.#exitOf(latest);
    const next = this.#restarts.after(latest, exit);
    const restarts = { count: latest.restarts.count, ...(next ? { nextAt: Date.now() + next.delayMs } : {}) };
    const ended = { ...latest, exit, restarts, inARow: next?.inARow ?? latest.inARow };
    // A group that was removed, or launched anew, has forgotten this process: its end is told all the same.
    if (known?.pid === record.pid) this.#records.set(ended);
    else if (!known) this.#store.forget(record.group, record.id);
    this.#tellEnd(ended, wokeMs);
    for (const wake of this.#waiting.get(record.pid) ?? []) wake();
    if (record.id !== MAIN || known?.pid !== record.pid) return;
    void this.#options.networks.detach(record.group);
    if (!next) return;
    this.#options.restarting({ group: record.group, count: restarts.count + 1, delayMs: next.delayMs });
    this.#restarts.plan(ended, next.delayMs);
  }

  #tellEnd({ group, id, pid, exit }: LaunchRecord, wokeMs: number | undefined): void {
    if (!exit) return;
    this.#options.exited({ group, pid, ...exit, ...(id === MAIN ? {} : { launchId: id }), ...(wokeMs === undefined ? {} : { wokeMs }) });
  }

  /** For the launch itself, what its whole group has used. */
  #exitOf({ group, id, pid, cpuMsBefore, startedAt }: LaunchRecord): Exit {
    const written = this.#store.exit(group, id, pid) ?? { time: Date.now() };
    const exit = { runMs: Math.max(0, written.time - startedAt), ...written };
    if (id !== MAIN) return exit;
    const { cpuMs, peakBytes } = this.#options.groups.usage(group);
    return {
      ...exit,
      ...(cpuMs === undefined || cpuMsBefore === undefined ? {} : { cpuMs: cpuMs - cpuMsBefore }),
      ...(peakBytes === undefined ? {} : { peakBytes }),
    };
  }

  #hasEnded({ group, pid }: LaunchRecord): boolean {
    const now = this.#records.get(group);
    return now?.pid !== pid || now.exit !== undefined;
  }

  #whenEnded(pid: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(pid) ?? new Set();
      this.#waiting.set(pid, waiting);
      waiting.add(() => {
        this.#waiting.delete(pid);
        resolve();
      });
    });
  }

  /** In its group, whose limits stay as they are now. */
  async #startAgain(before: LaunchRecord): Promise<LaunchRecord> {
    const { groups } = this.#options;
    const { group, request, by } = before;
    await groups.empty(group);
    groups.begin(group);
    return this.#turnstile.pass(() => this.#starter.main({ group, request, procs: groups.procs(group), by, again: before }));
  }
}

/** Resolves with the promise, or after so many ms. */
async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
