// Starts the program of a launch, with its folders, layer, ids and network, or a second program in its namespaces.
import { type Stats, statSync } from 'node:fs';
import type { JoinRequest, LaunchRequest } from '../../contract/launch.ts';
import { networkOf } from '../../contract/launch-options.ts';
import type { RoutedNetwork } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { Networks } from '../act/network/networks.ts';
import { errnoOf } from '../kernel/errno.ts';
import { startTicks } from '../kernel/living-task.ts';
import { type HostIds, isOfLaunch, MAPPED_IDS } from './host-ids.ts';
import type { Launch } from './launch.ts';
import type { LaunchRecords } from './launch-records.ts';
import { type LaunchRecord, type LaunchStore, MAIN, OUTPUT_FILE_BYTES } from './launch-store.ts';
import type { Launcher, Started } from './launcher.ts';
import type { PartOf } from './launcher-steps.ts';
import type { LayerPlace, Layers } from './layers.ts';
import { joinRecord, requestRecord } from './request-record.ts';
import type { Rootless } from './rootless.ts';
import type { Placed, SharedFolders } from './shared-folders.ts';

export interface StarterOptions {
  readonly store: LaunchStore;
  readonly launcher: Launcher;
  readonly records: LaunchRecords;
  readonly layers: Layers;
  readonly networks: Pick<Networks, 'attach' | 'detach'>;
  readonly toolDir: string;
  readonly boot: string;
  readonly rootless: Rootless | undefined;
  readonly shared: SharedFolders;
  readonly hostIds: HostIds;
}

export interface Start {
  readonly launch: Launch;
  readonly request: LaunchRequest;
  readonly procs: readonly string[];
  readonly by: string;
  /** For a restart, the record of the ended process, whose folder, layer and ids are used again. */
  readonly again?: LaunchRecord;
}

export class Starter {
  readonly #options: StarterOptions;

  constructor(options: StarterOptions) {
    this.#options = options;
  }

  /**
   * Starts the program of a launch. Host ids are taken before the first wait, so that no other launch gets them.
   * @returns a record whose restarts the caller sets
   * @throws ProblemError with the failed step; no process is left then, and no new folder
   */
  async main({ launch, request, procs, by, again }: Start): Promise<LaunchRecord> {
    const { store, launcher, networks, toolDir, rootless, shared } = this.#options;
    const { group } = launch;
    // Checked at each start, because the shared folders may have changed.
    const placed = shared.place(request);
    const dir = again?.dir ?? this.#onDisk(() => store.make());
    try {
      const { layer, hostId, scratchDir, hidden } = this.#onDisk(() => {
        const layer = this.#layer(group, request, dir, again);
        const hostId = layer?.hostId ?? again?.hostId ?? this.#hostIdOf(group);
        if (!rootless && request.namespaces.includes('user')) this.#checkOwners(placed, hostId);
        launch.take(hostId);
        const scratchDir = store.own(dir, 'scratch', hostId, 0o1777);
        const hidden = (rootless?.hidden ?? []).map((path, at) => ({ path, instead: store.own(dir, `hidden-${at}`, hostId) }));
        return { layer, hostId, scratchDir, hidden };
      });
      const plan = {
        request,
        placed,
        procs,
        dir,
        toolDir,
        hostId,
        scratchDir,
        layerDir: layer?.dir,
        outputMaxBytes: OUTPUT_FILE_BYTES,
        append: again !== undefined,
        rootless: rootless !== undefined,
        hidden,
      };
      let network: RoutedNetwork | undefined;
      const routed = networkOf(request) === 'routed';
      const attach = async (pid: number) => {
        network = await networks.attach(group, pid, { rates: request.rates, nat: request.nat }).catch(throwAboutNetwork);
      };
      const started = await launcher.run(requestRecord(plan), partOf(placed, request), routed ? attach : undefined);
      return {
        ...this.#record(started, { id: MAIN, dir, group, request, by, hostId, argv: request.argv, tty: request.tty, cwd: request.cwd }),
        ...(network ? { network } : {}),
      };
    } catch (error) {
      await networks.detach(group).catch(() => {});
      if (!again) store.discard(dir);
      throw error;
    }
  }

  /** Starts a second program in the namespaces and the group of a running one. */
  async join(
    launch: Launch & { readonly main: LaunchRecord },
    asked: JoinRequest,
    procs: readonly string[],
    by: string,
  ): Promise<LaunchRecord> {
    const { store, launcher, toolDir, rootless } = this.#options;
    const { group, request, hostId, pid } = launch.main;
    const id = launch.nextId();
    const dir = this.#onDisk(() => store.make());
    try {
      const { argv, env = {}, cwd, tty, user } = asked;
      const place = { procs, dir, toolDir, hostId };
      const plan = {
        ...place,
        request,
        pid,
        argv,
        env,
        cwd,
        tty,
        user,
        rootless: rootless !== undefined,
        outputMaxBytes: OUTPUT_FILE_BYTES,
      };
      const started = await launcher.run(joinRecord(plan), partOf({ binds: [] }, request));
      return this.#record(started, { id, dir, group, request, by, hostId, argv, tty, cwd });
    } catch (error) {
      store.discard(dir);
      throw error;
    }
  }

  /** @throws ProblemError kernel_refused if the state folder cannot be written */
  #onDisk<T>(make: () => T): T {
    try {
      return make();
    } catch (cause) {
      const errno = errnoOf(cause);
      if (errno === '') throw cause;
      throw new ProblemError(
        'kernel_refused',
        `The launch cannot be recorded in the state folder: ${errno}. Free space on its disk, or repair it. Everything that the launch had made was removed.`,
        { errno, cause },
      );
    }
  }

  #layer(group: string, { overlay }: LaunchRequest, dir: string, again: LaunchRecord | undefined): LayerPlace | undefined {
    if (!overlay) return undefined;
    const { layers } = this.#options;
    if (overlay.layer !== undefined) return layers.use(overlay.layer, group);
    return layers.of(dir) ?? layers.create(dir, again?.hostId ?? this.#hostIdOf(group));
  }

  #record(
    { pid, monitorPid, notes }: Started,
    what: Pick<LaunchRecord, 'id' | 'dir' | 'group' | 'request' | 'by' | 'hostId' | 'argv' | 'tty' | 'cwd'>,
  ): LaunchRecord {
    return {
      ...what,
      pid,
      monitorPid,
      ...(notes.length === 0 ? {} : { notes: [...notes] }),
      namespaces: what.request.namespaces,
      startedAt: Date.now(),
      restarts: { count: 0 },
      inARow: 0,
      startTicks: startTicks(pid) ?? 0,
      monitorStartTicks: startTicks(monitorPid) ?? 0,
      boot: this.#options.boot,
    };
  }

  /** Ids of kept layers count as taken: a launch with them could access the layer's files and signal programs that use it. */
  #hostIdOf(group: string): number {
    const { rootless, records, layers, hostIds } = this.#options;
    if (rootless) return rootless.uid;
    return hostIds.of(group, new Set([...layers.hostIds(), ...records.all().flatMap(({ hostId }) => hostId ?? [])]));
  }

  /** @throws ProblemError conflict for a bind that an earlier launch with other ids has closed to all others */
  #checkOwners({ binds }: Placed, hostId: number): void {
    for (const { source, writable } of binds) {
      const found = ownerOf(source);
      if (!found || !isOfLaunch(found.uid) || (found.uid >= hostId && found.uid < hostId + MAPPED_IDS)) continue;
      const needed = writable ? 0o003 : 0o005;
      if ((found.mode & needed) === needed) continue;
      const name = this.#options.hostIds.nameOf(found.uid);
      throw new ProblemError(
        'conflict',
        `${source} belongs to the user ids of ${name === undefined ? 'a launch that is not known any more' : `the launch ${name}`}, and is closed to all others. ${name === undefined ? 'Give' : 'Launch it under that name, or give'} the folder to this one: chown -R ${hostId}:${hostId} '${source}'.`,
        { file: source, asked: 'binds' },
      );
    }
  }
}

/** @returns undefined where the path leads nowhere or cannot be followed: the launcher, which opens it, refuses it with its own step and path */
function ownerOf(path: string): Pick<Stats, 'uid' | 'mode'> | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Limits of the launcher that are fields of their own in a request. */
const SETTING_OF: Readonly<Record<string, string>> = { nice: 'nice', oomscore: 'oomScoreAdj' };

/** Finds the field by the path that the failed step names. */
function partOf({ rootfs, binds }: Placed, { user, group }: LaunchRequest): PartOf {
  return (step, what) => {
    if (step === 'user' && what === group && what !== user) return 'group';
    if (step === 'limits') return SETTING_OF[what] ?? 'rlimits';
    if (what !== '' && what === rootfs) return 'rootfs';
    return binds.some(({ source, target }) => what === source || what === target) ? 'binds' : step;
  };
}

function throwAboutNetwork(error: unknown): never {
  if (!(error instanceof ProblemError)) throw error;
  const { code, detail, errno, file } = error.problem;
  throw new ProblemError(code, detail, { errno, file, asked: 'network', cause: error });
}
