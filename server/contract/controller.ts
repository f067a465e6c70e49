// Controllers, and which cgroup version has each on a machine or for a group.

/** Controllers of v1 and v2, `cgroup` for files every hierarchy has, and `psi` for pressure stall information on the unified tree. */
export type Controller =
  | 'memory'
  | 'cpu'
  | 'cpuset'
  | 'pids'
  | 'hugetlb'
  | 'rdma'
  | 'misc'
  /** v1 alone. */
  | 'cpuacct'
  | 'freezer'
  | 'blkio'
  | 'devices'
  | 'net_cls'
  | 'net_prio'
  /** v2 alone. */
  | 'io'
  | 'dmem'
  | 'cgroup'
  | 'psi'
  /** Files that the registry has never heard of. */
  | 'other';

interface MountedHierarchy {
  readonly version: 1 | 2;
  readonly controllers: readonly string[];
}

/** Controllers that the other version has under another name or as part of its core. */
const ON_V1: Partial<Record<Controller, readonly Controller[]>> = { io: ['blkio'], cpu: ['cpu', 'cpuacct'] };
const ON_V2: Partial<Record<Controller, Controller>> = { blkio: 'io', cpuacct: 'cpu', freezer: 'cgroup' };

/** A group's controllers, as frames and answers list them (those of the unified tree behind `unified`), by version. */
export function splitControllers(controllers: readonly string[]): readonly MountedHierarchy[] {
  const at = controllers.indexOf('unified');
  if (at < 0) return [{ version: 1, controllers }];
  return [
    { version: 1, controllers: controllers.slice(0, at) },
    { version: 2, controllers: controllers.slice(at + 1) },
  ];
}

/** Which version has the controller on this machine, as itself or as part of another; undefined if none. */
export function versionOf(controller: Controller, hierarchies: readonly MountedHierarchy[]): 1 | 2 | undefined {
  const names: readonly string[] = ON_V1[controller] ?? [controller];
  if (hierarchies.some(({ version, controllers }) => version === 1 && names.some((name) => controllers.includes(name)))) return 1;
  const unified = hierarchies.find(({ version }) => version === 2);
  if (unified === undefined) return undefined;
  const name = ON_V2[controller] ?? controller;
  return name === 'cgroup' || name === 'psi' || unified.controllers.includes(name) ? 2 : undefined;
}
