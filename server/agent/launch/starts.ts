// Starts launches, restarts and programs that join: one operation at a time per group, and a few at a time in all.
import { join } from 'node:path';
import { invalidSentence } from '../../contract/invalid.ts';
import { type JoinRequest, LaunchRequest } from '../../contract/launch.ts';
import type { LaunchAnswer, Launched } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import { refuseFrozen } from '../act/freezer.ts';
import type { Groups } from '../act/groups.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { GroupUsage } from './group-usage.ts';
import type { Launch, MeantLaunch } from './launch.ts';
import { type LaunchRecords, shown } from './launch-records.ts';
import type { LaunchRecord, LaunchStore } from './launch-store.ts';
import type { Lifecycle } from './lifecycle.ts';
import { checkRootless, type Rootless } from './rootless.ts';
import type { SharedFolders } from './shared-folders.ts';
import type { Starter } from './starter.ts';
import { Turnstile } from './turnstile.ts';

/** This many launches at once keep two processors busy; the rest of a burst waits. */
const AT_ONCE = 4;
const MAY_WAIT = 1000;
/** Running programs that joined one launch. */
const MOST_JOINED = 32;

export interface StartsParts {
  readonly layout: Layout;
  readonly io: ControlFileIo;
  readonly tree: GroupTree;
  readonly groups: Groups;
  readonly processes: GroupProcesses;
  readonly rootless: Rootless | undefined;
  readonly shared: SharedFolders;
  readonly usage: GroupUsage;
  readonly starter: Starter;
  readonly records: LaunchRecords;
  readonly store: LaunchStore;
  readonly lifecycle: Lifecycle;
  readonly turns: KeyedQueue;
  /** Arms the guard of a new group, if it has one. */
  readonly armGuard: (group: string) => Promise<void>;
  /** Forgets the launch of a group, and frees its layer and network. */
  readonly forget: (group: string) => void;
}

export class Starts {
  readonly #parts: StartsParts;
  readonly #turnstile = new Turnstile(AT_ONCE, MAY_WAIT);
  #closed = false;

  constructor(parts: StartsParts) {
    this.#parts = parts;
  }

  /** @throws ProblemError with the failed step; no process and no group is left then */
  launch(group: string, request: LaunchRequest, by: string): Promise<LaunchAnswer> {
    const started = performance.now();
    const { layout, groups, rootless, tree, shared, records, starter, lifecycle, armGuard, forget } = this.#parts;
    return this.#inTurn(group, async () => {
      if (rootless) checkRootless(rootless, request);
      // Checked again at the start; here, so that a refusal comes before the group is made.
      shared.place(request);
      await this.#clear(group, by);
      refuseFrozen(layout, tree, group);
      const launch = records.reserve(group, request.guard);
      try {
        const { limits, translated } = await groups.create(group, { limits: request.limits, devices: request.devices }, by);
        await armGuard(group);
        launch.start();
        const record = await starter.main({ launch, request, procs: this.#procs(group), by });
        const launchMs = performance.now() - started;
        lifecycle.begin(launch, record);
        const { pid, network, notes } = record;
        return {
          group,
          pid,
          launchMs,
          limits,
          ...(Object.keys(translated).length > 0 ? { translated } : {}),
          ...(network ? { network } : {}),
          ...(notes ? { notes } : {}),
        };
      } catch (error) {
        // If the group was removed meanwhile, another launch may have its name.
        const made = launch.state === 'starting' && tree.refresh(group) && records.isCurrent(launch);
        if (made) await this.#tryRemove(group, by);
        if (records.isCurrent(launch)) forget(group);
        throw error;
      }
    });
  }

  /** Starts a second program in a running launch. @throws ProblemError not_found, conflict, or with the failed step */
  join({ group, inode }: MeantLaunch, asked: JoinRequest, by: string): Promise<Launched & { launchMs: number }> {
    const started = performance.now();
    const { io, layout, tree, records, starter, lifecycle, store } = this.#parts;
    return this.#inTurn(group, async () => {
      io.group(group, inode);
      const launch = records.known(group);
      if (launch.main.exit)
        throw new ProblemError('conflict', `The program of ${group} has ended, so it cannot be joined. Launch it again.`, {
          file: group,
        });
      if (launch.joined.filter(({ exit }) => !exit).length >= MOST_JOINED)
        throw new ProblemError(
          'conflict',
          `${MOST_JOINED} programs that joined ${group} are running, which is the maximum: end one first.`,
          { file: group },
        );
      checkStored(launch.main.request);
      refuseFrozen(layout, tree, group);
      if (asked.user !== undefined && !launch.main.request.namespaces.includes('user'))
        throw new ProblemError(
          'invalid',
          `user needs a launch with the namespace user, which ${group} has not: that would be a user of the host.`,
          {
            file: group,
            asked: 'user',
          },
        );
      const record = await starter.join(launch, asked, this.#procs(group), by);
      const launchMs = performance.now() - started;
      lifecycle.begin(launch, record);
      for (const { dir } of launch.prune()) store.discard(dir);
      return { ...shown(record), launchMs };
    });
  }

  /** Restarts an ended launch in its group, with the group's present limits. */
  async again(launch: Launch, before: LaunchRecord): Promise<LaunchRecord> {
    const { tree, processes, usage, starter } = this.#parts;
    const { group, request, by } = before;
    checkStored(request);
    if (tree.get(group)) await processes.killGroup(group);
    usage.begin(group);
    return this.#turnstile.pass(() => starter.main({ launch, request, procs: this.#procs(group), by, again: before }));
  }

  /** Refuses all later launches. */
  close(): void {
    this.#closed = true;
  }

  #inTurn<T>(group: string, work: () => Promise<T>): Promise<T> {
    return this.#parts.turns.take(group, () =>
      this.#turnstile.pass(() => {
        if (this.#closed) throw new ProblemError('agent_unavailable', 'cgdeck is stopping, so nothing is launched.');
        return work();
      }),
    );
  }

  /** Removes the group of an ended launch with this name. @throws ProblemError conflict while it runs, or for a group that was not launched */
  async #clear(group: string, by: string): Promise<void> {
    const { tree, processes, groups, records } = this.#parts;
    if (!tree.refresh(group)) return;
    const inside = processes.membersWithin(group).length;
    const launch = records.get(group);
    if (!launch || launch.isUp || inside > 0) {
      throw new ProblemError(
        'conflict',
        `The group ${group} exists already${inside > 0 ? `, with ${inside} process${inside === 1 ? '' : 'es'} inside` : ''}: choose another name, or remove it first.`,
        { file: group },
      );
    }
    await groups.remove({ path: group, kill: false }, by);
  }

  async #tryRemove(group: string, by: string): Promise<void> {
    try {
      await this.#parts.groups.remove({ path: group, kill: true }, by);
    } catch {
      // The group stays. The failure of the launch is the one to report.
    }
  }

  /** The group's cgroup.procs in every hierarchy. */
  #procs(group: string): string[] {
    const { tree, layout } = this.#parts;
    return [...(tree.get(group)?.in.keys() ?? [])].map((hierarchy) => join(layout.dir(hierarchy, group), 'cgroup.procs'));
  }
}

/** @throws ProblemError invalid for a request that an earlier version accepted, and today's rules refuse */
function checkStored(request: LaunchRequest): void {
  const { error } = LaunchRequest.safeParse(request);
  if (error) throw new ProblemError('invalid', invalidSentence(error, 'The stored request', request));
}
