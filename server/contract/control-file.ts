// What one entry of the control-file registry says: the shape that every entry shares.

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
  /** v2 alone. */
  | 'io'
  | 'cgroup'
  | 'psi';

/** The unit of a number in the file, as the kernel writes it; `userHz` is 1/100 s (sysconf(_SC_CLK_TCK)). */
export type Unit = 'bytes' | 'nsec' | 'usec' | 'userHz' | 'count' | 'percent' | 'shares' | 'cpus' | 'nodes' | 'state' | 'none';

/** gauge: a level now; counter: only grows; limit: a ceiling the kernel enforces; switch: 0 or 1; list: members or ranges;
 *  trigger: writing does something once; state: a word; setting: a number or word that shapes behaviour without being a ceiling. */
export type Kind = 'gauge' | 'counter' | 'limit' | 'switch' | 'list' | 'trigger' | 'state' | 'setting';

/** How the text is built: one integer; an integer or "max"; "key value" lines; "some avg10=…" lines; "major:minor op value" lines;
 *  integers separated by spaces (one per CPU); one line per member; a CPU or node list; one word; text kept as it is. */
export type Format =
  | 'integer'
  | 'integer-or-max'
  | 'flat-keyed'
  | 'nested-keyed'
  | 'device-keyed'
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
  /** What it measures: files of v1 and v2 with the same quantity may share a chart. */
  readonly quantity?: string;
  /** Kept in the ten minutes of history: true, or the keys of it that are. */
  readonly history?: true | readonly string[];
  /** One sentence for a person. */
  readonly help: string;
  /** What the kernel does with a value it does not like. */
  readonly refuses?: string;
  /** Why not to build on it. */
  readonly deprecated?: string;
  /** Absent in the root group. */
  readonly notInRoot?: true;
}

const TAIL = { sampled: false } as const;

/** Fills in what most entries share, so that an entry says only what is its own. */
export function controlFile(entry: Omit<ControlFile, 'sampled'> & { sampled?: boolean }): ControlFile {
  return { ...TAIL, ...entry };
}
