// The launch form as data: what can be entered, as typed, and the defaults.
import type { Host } from '../../server/contract/answers.ts';
import type { DeviceRule } from '../../server/contract/devices.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import {
  type NamespaceKind,
  type NetworkMode,
  namespaceKinds,
  networkOf,
  type RestartPolicy,
} from '../../server/contract/launch-options.ts';
import type { LimitVersions } from '../../server/contract/limit-names.ts';
import { joinPath } from '../../server/contract/paths.ts';
import type { Capability } from '../../server/contract/privileges.ts';
import type { Size } from '../group/rail/scale.ts';
import type { PlanForm } from '../guard/plan-form.ts';

export interface Variable {
  readonly name: string;
  readonly value: string;
}

export interface BindRow {
  readonly source: string;
  /** Empty: the same as the source. */
  readonly target: string;
  readonly writable: boolean;
}

export interface RlimitRow {
  readonly name: string;
  readonly soft: string;
  readonly hard: string;
}

/** A device rule as typed. */
export interface DeviceRow {
  readonly type: DeviceRule['type'];
  readonly major: string;
  readonly minor: string;
  readonly access: DeviceRule['access'];
}

/** No rules, those of containers, or own rules. */
export type DeviceChoice = 'unruled' | 'container' | 'own';

/** Where writes to the root go: nowhere, into the directory, or into a layer over it. */
export type Writes = 'refused' | 'direct' | 'layer';

export interface LaunchForm {
  readonly name: string;
  readonly command: string;
  readonly tty: boolean;
  readonly env: readonly Variable[];
  readonly cwd: string;
  readonly hostname: string;
  readonly namespaces: readonly NamespaceKind[];
  readonly init: boolean;

  /** The cgroup versions by which limits are named, on the machine that the form is for. */
  readonly on: LimitVersions;
  readonly hard: Size;
  readonly soft: Size;
  /** As typed; empty: no limit is written. */
  readonly memsw: string;
  /** Swap alone, which v2 limits. */
  readonly swap: string;
  readonly quota: string;
  /** v1’s shares, or v2’s weight, which has another scale. */
  readonly weight: string;
  readonly cpus: string;
  readonly pids: string;
  /** A disk and the most bytes a second written to it: "8:0 10M". */
  readonly diskWrites: string;
  /** Limits as in a request: those without a field here, and the spelling of the others. */
  readonly written: LaunchRequest['limits'];

  /** Undefined: none but one by a pattern. */
  readonly guard: PlanForm | undefined;

  readonly root: 'host' | 'directory';
  readonly rootfs: string;
  readonly writes: Writes;
  /** A kept layer; empty: a new one. */
  readonly layer: string;
  readonly binds: readonly BindRow[];
  /** Of /tmp and /dev/shm, as typed; empty: the default. */
  readonly tmpSize: string;
  readonly shmSize: string;

  /** Undefined: by the namespace. */
  readonly network: NetworkMode | undefined;
  readonly egress: string;
  readonly ingress: string;
  readonly nat: boolean;

  readonly devices: DeviceChoice;
  /** Own rules, kept while another choice is selected. */
  readonly deviceRows: readonly DeviceRow[];
  readonly capabilities: readonly Capability[];
  readonly noNewPrivileges: boolean;
  readonly seccomp: LaunchRequest['seccomp'];
  readonly rlimits: readonly RlimitRow[];
  readonly oomScoreAdj: string;
  readonly nice: string;
  readonly umask: string;
  readonly user: string;
  readonly group: string;

  readonly restart: RestartPolicy;
  /** Empty: unlimited. */
  readonly maxRetries: string;
  /** In seconds. */
  readonly grace: string;
}

export type FormField = keyof LaunchForm;
export type Faults = Partial<Record<FormField, string>>;
export type Change = (change: Partial<LaunchForm>) => void;

export type Machine = Pick<Host, 'cpuList' | 'managedRoot' | 'hierarchies'>;

/** The network of the form. */
export function networkModeOf({ network, namespaces }: Pick<LaunchForm, 'network' | 'namespaces'>): NetworkMode {
  return networkOf({ network, namespaces: [...namespaces] });
}

/** A network is none or routed only with a net namespace, and the host’s only without one: choosing one sets that switch. */
export function chooseNetwork(network: NetworkMode, namespaces: readonly NamespaceKind[]): Partial<LaunchForm> {
  const own = network !== 'host';
  return { network, namespaces: namespaceKinds.filter((kind) => (kind === 'net' ? own : namespaces.includes(kind))) };
}

/** Switches a namespace; net sets the network too. */
export function switchNamespace(namespaces: readonly NamespaceKind[], kind: NamespaceKind, on: boolean): Partial<LaunchForm> {
  const next = namespaceKinds.filter((other) => (other === kind ? on : namespaces.includes(other)));
  return kind === 'net' ? { namespaces: next, network: undefined } : { namespaces: next };
}

/** A name that no group under the managed root has: "leak", "leak-2", "leak-3". */
export function freeName(base: string, managedRoot: string, taken: readonly string[]): string {
  const all = new Set(taken);
  if (!all.has(joinPath(managedRoot, base))) return base;
  const stem = base.replace(/-\d+$/, '');
  for (let n = 1; ; n++) {
    const name = n === 1 ? stem : `${stem}-${n}`;
    if (!all.has(joinPath(managedRoot, name))) return name;
  }
}
