// Puts the launches together: what they share, their networks, and what keeps a machine from some of them.
import type { Settings } from '../../settings.ts';
import type { ActParts } from '../act/act-parts.ts';
import { Networks } from '../act/network/networks.ts';
import type { Sources } from '../kernel/sources.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { LaunchOperations } from './launch-operations.ts';
import { Launches, type LaunchesOptions } from './launches.ts';
import { findRootless } from './rootless.ts';
import { Templates } from './templates.ts';

export interface LaunchAssemblyParts extends ActParts, Pick<LaunchesOptions, 'groups' | 'processes' | 'armGuard'> {
  readonly settings: Settings;
  readonly boot: string;
  readonly sources: Sources;
  readonly faults: StateFaults;
}

/** @returns also why launches cannot have some networks here, and what is missing, a sentence each */
export async function assembleLaunches(parts: LaunchAssemblyParts) {
  const { settings, faults, observer } = parts;
  const { stateDir, runDir, share } = settings;
  const networks = new Networks({ stateDir, faults, range: settings.networkRange });
  const noNetwork = await networks.support();
  const rootless = await findRootless(process.env.HOME, [stateDir, runDir]);
  observer.traffic.readFrom(() => networks.counters());
  const templates = new Templates(stateDir, faults);
  const launches = new Launches({ ...parts, stateDir, runDir, share, networks, rootless });
  const launching = new LaunchOperations({ ...parts, launches, templates });
  // Without networks there is no address translation for the same reason, which is reported once.
  const missing = [...(rootless?.problem === undefined ? [] : [rootless.problem]), ...new Set(Object.values(noNetwork))];
  return { networks, noNetwork, templates, launches, launching, missing };
}
