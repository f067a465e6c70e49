// Launches, from the request to the exit, across restarts of the agent: puts their parts together and answers about them.

import { join } from 'node:path';
import { buildDir } from '../../../native/libc/library.ts';
import type { JoinRequest, LaunchRequest, Rates } from '../../contract/launch.ts';
import type { LaunchAnswer, Launched, RoutedNetwork } from '../../contract/launched.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ActParts } from '../act/act-parts.ts';
import type { Groups } from '../act/groups.ts';
import type { Networks } from '../act/network/networks.ts';
import type { GroupProcesses } from '../act/processes.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Sources } from '../kernel/sources.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { Follower } from './follower.ts';
import { GroupUsage } from './group-usage.ts';
import { HostIds } from './host-ids.ts';
import { keptGroups } from './kept-records.ts';
import { Launch, type MeantLaunch } from './launch.ts';
import { LaunchRecords } from './launch-records.ts';
import { LaunchStore } from './launch-store.ts';
import { Launcher } from './launcher.ts';
import { Layers } from './layers.ts';
import { Lifecycle } from './lifecycle.ts';
import { mustReplaceRates } from './rate-words.ts';
import { type Rootless, unseenBy } from './rootless.ts';
import { SharedFolders } from './shared-folders.ts';
import { Starter } from './starter.ts';
import { Starts } from './starts.ts';
import { type StopAnswer, Stops } from './stops.ts';
import { Tool } from './tool.ts';
import { Trash } from './trash.ts';

export interface LaunchesOptions extends Pick<ActParts, 'layout' | 'io' | 'observer' | 'reporter'> {
  readonly stateDir: string;
  readonly runDir: string;
  readonly boot: string;
  readonly sources: Sources;
  readonly faults: StateFaults;
  readonly groups: Groups;
  readonly processes: GroupProcesses;
  readonly networks: Networks;
  /** Folders of the host that launches may have roots and binds from. */
  readonly share: readonly string[];
  /** Arms the guard of a new group, if it has one: its program may reach the line at once. */
  readonly armGuard: (group: string) => Promise<void>;
  /** Absent for root. */
  readonly rootless?: Rootless | undefined;
}

export class Launches {
  readonly layers: Layers;
  readonly records: LaunchRecords;
  readonly #options: LaunchesOptions;
  readonly #store: LaunchStore;
  readonly #launcher: Launcher;
  readonly #hostIds: HostIds;
  readonly #lifecycle: Lifecycle;
  readonly #tool: Tool;
  readonly #turns = new KeyedQueue();
  readonly #starts: Starts;
  readonly #stops: Stops;

  constructor(options: LaunchesOptions) {
    const { stateDir, runDir, boot, sources, layout, reporter, processes, networks, rootless } = options;
    const { tree } = options.observer;
    this.#options = options;
    const trash = new Trash(stateDir, options.faults);
    this.#store = new LaunchStore(stateDir, trash, options.faults);
    this.records = new LaunchRecords(this.#store);
    this.layers = new Layers(stateDir, trash, options.faults);
    this.#tool = new Tool(runDir);
    this.#launcher = new Launcher(sources);
    this.#hostIds = new HostIds(stateDir, options.faults);
    const usage = new GroupUsage(layout, tree);
    this.#lifecycle = new Lifecycle({
      records: this.records,
      store: this.#store,
      follower: new Follower(sources, this.#store),
      reporter,
      usage,
      turns: this.#turns,
      exists: (group) => tree.get(group) !== undefined,
      detach: (group) => this.#detach(group),
      start: (launch, before) => this.#starts.again(launch, before),
    });
    const shared = new SharedFolders({
      share: options.share,
      own: [stateDir, runDir, join(buildDir, '..', '..')],
      unseen: rootless && unseenBy(rootless),
    });
    const starter = new Starter({
      store: this.#store,
      launcher: this.#launcher,
      records: this.records,
      layers: this.layers,
      networks,
      toolDir: this.#tool.dir,
      boot,
      rootless,
      shared,
      hostIds: this.#hostIds,
    });
    this.#starts = new Starts({
      ...{ layout, io: options.io, tree, groups: options.groups, processes, rootless, usage, starter },
      ...{ records: this.records, store: this.#store, lifecycle: this.#lifecycle, turns: this.#turns },
      shared,
      armGuard: options.armGuard,
      forget: (group) => this.forget(group),
    });
    this.#stops = new Stops({
      io: options.io,
      records: this.records,
      store: this.#store,
      lifecycle: this.#lifecycle,
      turns: this.#turns,
      tree,
      processes,
    });
  }

  /** Takes over the launches of an earlier agent, and reports the ends that happened meanwhile. */
  adopt(): void {
    const { boot, observer } = this.#options;
    for (const [group, records] of Map.groupBy(this.#store.all(), (record) => record.group)) {
      const exists = observer.tree.get(group) !== undefined;
      const wanted = records.filter((record) => !record.exit || (record.boot === boot && exists)).sort((a, b) => a.startedAt - b.startedAt);
      for (const { dir } of records.filter((record) => !wanted.includes(record))) this.#store.discard(dir);
      // If a group was removed and its name launched again, the first launch may still have an end to report.
      const latest = new Map(wanted.map((record) => [record.id, record]));
      const launch = this.records.adopt(group, [...latest.values()]);
      if (launch.hostId !== undefined) this.#hostIds.note(group, launch.hostId);
      const layer = launch.main?.request.overlay?.layer;
      if (layer !== undefined) this.layers.claim(layer, group);
      for (const record of wanted) {
        const of = latest.get(record.id) === record ? launch : Launch.of(group, [record]);
        this.#lifecycle.resume(of, record, record.boot === boot);
      }
      if (launch.records.every(({ exit }) => exit) && !exists) this.forget(group);
    }
  }

  /** Starts a spare launcher ahead of the first launch. */
  prepare(): Promise<void> {
    return this.#launcher.prepare();
  }

  /** The groups that the next agent needs although they are empty: a restart is due, there is a layer that may be kept, or a record of how it ended. */
  needed(): Set<string> {
    const all = this.records.all();
    const open = all.filter(({ state, main }) => state === 'waiting' || (main && this.layers.isWritten(main.dir)));
    return new Set([...open.map(({ group }) => group), ...keptGroups(all)]);
  }

  /** The folder of a launch's layer. @throws ProblemError not_found */
  layerDir(group: string): string {
    const { dir, request } = this.records.known(group).main;
    if (request.overlay?.layer !== undefined) return this.layers.dirOf(request.overlay.layer);
    const own = this.layers.of(dir);
    if (own) return own.dir;
    throw new ProblemError('not_found', `${group} has no layer, or its layer was kept under a name: launch with an overlay to get one.`, {
      file: group,
    });
  }

  /** @throws ProblemError not_found, or conflict while a process of the group runs or a restart is due */
  keepLayer({ group, inode }: MeantLaunch, name: string): Promise<void> {
    return this.#turns.take(group, async () => {
      this.#options.io.group(group, inode);
      const { main, isUp } = this.records.known(group);
      if (isUp || this.#options.processes.membersWithin(group).length > 0)
        throw new ProblemError('conflict', `${group} still writes to its layer: stop it first, then keep what it wrote.`, { file: group });
      this.layers.keep(main.dir, name);
    });
  }

  /** Runs `work`, which removes a group, while nothing is started or stopped in it or below. */
  alone<T>(group: string, work: () => Promise<T>): Promise<T> {
    const below = this.records.all().flatMap((launch) => (isWithin(launch.group, group) ? [launch.group] : []));
    return this.#turns.takeAll([group, ...below], work);
  }

  /** When cgdeck stops: starts nothing more, and removes the presets' program unless a launch runs that may use it. */
  async close(): Promise<void> {
    this.#starts.close();
    this.#lifecycle.close();
    this.#stops.close();
    await this.#turns.idle();
    this.#launcher.close();
    this.#store.close();
    this.#hostIds.close();
    if (this.records.running().size === 0) this.#tool.remove();
  }

  /** Forgets the launch of a removed group. */
  forget(group: string): void {
    const launch = this.records.get(group);
    if (launch) this.#lifecycle.cancel(launch);
    this.records.forget(group);
    this.layers.release(group);
    void this.#detach(group);
  }

  /** @throws ProblemError with the failed step; no process and no group is left then */
  launch(group: string, request: LaunchRequest, by: string): Promise<LaunchAnswer> {
    return this.#starts.launch(group, request, by);
  }

  /** Starts a second program in a running launch. @throws ProblemError not_found, conflict, or with the failed step */
  join(meant: MeantLaunch, asked: JoinRequest, by: string): Promise<Launched & { launchMs: number }> {
    return this.#starts.join(meant, asked, by);
  }

  /** Sends SIGTERM to all processes, and after the grace time, or their end, SIGKILL to those left in the group. */
  stop(meant: MeantLaunch, graceMs: number | undefined): Promise<StopAnswer> {
    return this.#stops.stop(meant, graceMs);
  }

  /** @throws ProblemError not_found, conflict where its network is not routed, changed where another rate is to be replaced than it has */
  setRates({ group, inode }: MeantLaunch, rates: Rates, replaces?: Rates): Promise<RoutedNetwork> {
    return this.#turns.take(group, async () => {
      this.#options.io.group(group, inode);
      const launch = this.records.known(group);
      const { network: before, exit } = launch.main;
      if (!before || exit)
        throw new ProblemError('conflict', `${group} has no routed network, so it has no rates to set.`, { file: group });
      mustReplaceRates(group, before.rates, rates, replaces);
      const network = await this.#options.networks.setRates(group, { ...before.rates, ...rates });
      // A restart, or a launch of the same request, uses the new rates.
      const record = { ...launch.main, network, request: { ...launch.main.request, rates: network.rates } };
      this.#lifecycle.note(launch, record);
      return network;
    });
  }

  /** The devices end with the namespace; what else cannot be removed now, the next start removes. */
  #detach(group: string): Promise<void> {
    return this.#options.networks.detach(group).catch(() => {});
  }
}
