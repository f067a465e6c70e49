// What one entry of the control-file registry says: the shape that every entry shares.
import type { Controller } from './controller.ts';
import type { Quantity } from './quantities.ts';

/** The unit of a number in the file, as the kernel writes it; `userHz` is 1/100 s (sysconf(_SC_CLK_TCK)). */
export type Unit = 'bytes' | 'nsec' | 'usec' | 'userHz' | 'count' | 'percent' | 'shares' | 'weight' | 'cpus' | 'nodes' | 'state' | 'none';

/** gauge: a level now; counter: only grows; limit: a ceiling the kernel enforces; switch: 0 or 1; list: members or ranges;
 *  trigger: writing does something once; state: a word; setting: a number or word that shapes behaviour without being a ceiling. */
export type Kind = 'gauge' | 'counter' | 'limit' | 'switch' | 'list' | 'trigger' | 'state' | 'setting';

/** How the text is built: one integer; an integer or "max"; a number with decimals or "max"; "quota period"; "key value" lines; "some avg10=…" lines;
 *  "major:minor op value" lines; "major:minor key=value …" lines, summed over the disks or one by one; integers separated by spaces (one per CPU);
 *  one line per member; a CPU or node list; one word; text kept as it is. */
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
  /** Its value changes only when somebody writes the file, which inotify tells (IN_MODIFY): read then, not at every tick. */
  readonly onlyWritten?: true;
  /** On v1 a held descriptor goes on giving an old list for as long as it is read about once a second or more often
   *  (kernel/cgroup/cgroup-v1.c, CGROUP_PIDLIST_DESTROY_DELAY): opened anew for each reading. */
  readonly staleWhileHeld?: true;
  /** For keyed formats: the keys that become readings (`file:key`); absent means every key. */
  readonly keys?: readonly string[];
  /** What its one value measures: files of v1 and v2 with the same quantity may share a chart. Parts of keyed files are in quantities.ts. */
  readonly quantity?: Quantity;
  /** Kept in the ten minutes of history: true, or the keys of it that are. */
  readonly history?: true | readonly string[];
  /** One sentence for a person. */
  readonly help: string;
  /** What the kernel does with a value it does not like. */
  readonly refuses?: string;
  /** Why not to build on it. */
  readonly deprecated?: string;
  /** A write is taken, and does nothing: why, which its answer says. */
  readonly noEffect?: string;
  /** Absent in the root group. */
  readonly notInRoot?: true;
  /** In the root group alone. */
  readonly onlyInRoot?: true;
  /** v2 has it in every group, whether or not its controller is enabled there. */
  readonly inCore?: true;
  /** Not sampled where this controller of v1 is mounted, which says the same. */
  readonly unlessV1?: Controller;
  /** Not in every kernel: which have it. */
  readonly since?: string;
  /** The files of the other version that it corresponds to. */
  readonly counterparts?: readonly Counterpart[];
}

export interface Counterpart {
  readonly name: string;
  /** Where the two differ in meaning; absent where they do not. */
  readonly differs?: string;
}

const TAIL = { sampled: false } as const;

/** Fills in what most entries share, so that an entry says only what is its own. */
export function controlFile(entry: Omit<ControlFile, 'sampled'> & { sampled?: boolean }): ControlFile {
  return { ...TAIL, ...entry };
}
