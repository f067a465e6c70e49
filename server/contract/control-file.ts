// An entry of the registry of control files.
import type { Controller } from './controller.ts';
import type { Quantity } from './quantities.ts';

/** The unit of a number in the file, as the kernel writes it; `userHz` is 1/100 s (sysconf(_SC_CLK_TCK)). */
export type Unit = 'bytes' | 'nsec' | 'usec' | 'userHz' | 'count' | 'percent' | 'shares' | 'weight' | 'cpus' | 'nodes' | 'state' | 'none';

/** gauge: a current level; counter: only grows; limit: a maximum that the kernel enforces; switch: 0 or 1; list: members or ranges;
 *  trigger: a write does something once; state: a word; setting: a number or word that is not a limit. */
export type Kind = 'gauge' | 'counter' | 'limit' | 'switch' | 'list' | 'trigger' | 'state' | 'setting';

/** The form of the text: one integer; an integer or "max"; a number with decimals or "max"; "quota period"; "key value" lines; "some avg10=…" lines;
 *  "major:minor op value" lines; "major:minor key=value …" lines, summed over the disks or one by one; integers separated by spaces (one per CPU);
 *  one line per member; a CPU or node list; one word; any other text. */
export type Format =
  | 'integer'
  | 'integer-or-max'
  | 'decimal-or-max'
  | 'quota-period'
  | 'flat-keyed'
  | 'nested-keyed'
  | 'device-keyed'
  | 'device-counters'
  | 'device-settings'
  | 'per-cpu'
  | 'lines'
  | 'ranges'
  | 'word'
  | 'text';

export interface ControlFile {
  /** The kernel's file name, which is also the key of its reading. */
  readonly name: string;
  readonly controller: Controller;
  /** The hierarchy version whose tree holds the file. */
  readonly version: 1 | 2;
  readonly unit: Unit;
  readonly kind: Kind;
  readonly format: Format;
  readonly access: 'read' | 'write' | 'both';
  /** Whether it becomes readings. */
  readonly sampled: boolean;
  /** Its value changes only by writes to the file, which inotify reports (IN_MODIFY): read then, not at every tick. */
  readonly onlyWritten?: true;
  /** Files whose values the kernel changes with a write to this one, which no notice reports. */
  readonly changes?: readonly string[];
  /** On v1 an open descriptor returns an old list while it is read about once a second or more often
   *  (kernel/cgroup/cgroup-v1.c, CGROUP_PIDLIST_DESTROY_DELAY): opened again for each reading. */
  readonly staleWhileHeld?: true;
  /** For keyed formats: the keys that become readings (`file:key`); absent: all. */
  readonly keys?: readonly string[];
  /** For keyed formats: the key whose value is written without a key. */
  readonly sets?: string;
  /** What its value measures: files of v1 and v2 with the same quantity can share a chart. Keyed files are in quantities.ts. */
  readonly quantity?: Quantity;
  /** Whether the ten minutes of history keep it: true, or which keys. */
  readonly history?: true | readonly string[];
  /** One sentence for a person. */
  readonly help: string;
  /** Its values may be below zero. */
  readonly signed?: true;
  /** Which values the kernel refuses or changes, and how. */
  readonly refuses?: string;
  /** Why not to rely on it. */
  readonly deprecated?: string;
  /** Why an accepted write has no effect, for the write's answer. */
  readonly noEffect?: string;
  /** What the kernel makes of an integer that it changes without an error, for the write’s answer. */
  readonly adjusts?: string;
  /** Absent in the root group. */
  readonly notInRoot?: true;
  /** Only in the root group. */
  readonly onlyInRoot?: true;
  /** v2 has it in every group, whether or not its controller is enabled there. */
  readonly inCore?: true;
  /** Not sampled if this controller is mounted on v1, whose files have the same readings. */
  readonly unlessV1?: Controller;
  /** On kernels without it, the file that has the same. */
  readonly instead?: string;
  /** Which kernels have it, if not all. */
  readonly since?: string;
  /** The files of the other version that it corresponds to. */
  readonly counterparts?: readonly Counterpart[];
}

export interface Counterpart {
  readonly name: string;
  /** How their meanings differ; absent if they do not. */
  readonly differs?: string;
}

const TAIL = { sampled: false } as const;

/** Fills in the defaults of an entry. */
export function controlFile(entry: Omit<ControlFile, 'sampled'> & { sampled?: boolean }): ControlFile {
  return { ...TAIL, ...entry };
}

/** The entry of a file that the registry has never heard of. */
export function unknownFile(name: string, version: 1 | 2, access: 'read' | 'write'): ControlFile {
  const help = 'cgdeck does not know this file: it is shown as the kernel has it, and never written.';
  return controlFile({ name, version, access, controller: 'other', unit: 'none', kind: 'state', format: 'text', help });
}
