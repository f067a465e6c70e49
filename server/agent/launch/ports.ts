// What launching needs of the rest of the agent, and what it tells it.
import type { LaunchRequest, Rates } from '../../contract/launch.ts';
import type { Exit, RoutedNetwork } from '../../contract/launched.ts';
import type { Sources } from '../kernel/sources.ts';
import type { Rootless } from './rootless.ts';

export interface ExitNotice extends Exit {
  readonly group: string;
  readonly pid: number;
  readonly launchId?: string;
  /** When the wait returned; undefined for an exit that nobody was there to see. */
  readonly wokeMs?: number;
}

export interface RestartNotice {
  readonly group: string;
  readonly count: number;
  readonly delayMs: number;
}

export interface MadeGroup {
  /** What the kernel made of each limit. */
  readonly limits: Record<string, string>;
  /** Limits that were asked for in the other version's names: asked -> written. */
  readonly translated: Record<string, string>;
}

/** What launching needs of the groups. */
export interface LaunchGroups {
  /** Makes the group with its limits. */
  make(group: string, request: LaunchRequest, by: string): Promise<MadeGroup>;
  discard(group: string, by: string): Promise<void>;
  exists(group: string): boolean;
  /** The group's cgroup.procs in every hierarchy. */
  procs(group: string): string[];
  /** Ends everyone in the group and below. @returns whom */
  empty(group: string): Promise<number[]>;
  /** Asks a process of the group to end, and thaws the group so that it can. */
  terminate(group: string, pid: number): Promise<void>;
  /** What the group has used since it was made: CPU time, and the most memory since the last `begin`. */
  usage(group: string): { readonly cpuMs?: number; readonly peakBytes?: number };
  /** The peak begins anew. */
  begin(group: string): void;
}

/** What launching needs of routed networks. */
export interface LaunchNetworks {
  attach(group: string, pid: number, wish: { readonly rates: Rates; readonly nat: boolean }): Promise<RoutedNetwork>;
  setRates(group: string, rates: Rates): Promise<RoutedNetwork>;
  detach(group: string): Promise<void>;
}

export interface LaunchesOptions {
  readonly stateDir: string;
  readonly runDir: string;
  readonly boot: string;
  readonly sources: Sources;
  readonly groups: LaunchGroups;
  readonly networks: LaunchNetworks;
  /** Folders of the host that launches may have roots and binds from. */
  readonly share: readonly string[];
  /** Absent for root. */
  readonly rootless?: Rootless | undefined;
  readonly exited: (notice: ExitNotice) => void;
  readonly restarting: (notice: RestartNotice) => void;
  readonly restarted: (record: { group: string; pid: number; argv: readonly string[] }) => void;
}
