// Every write of a control file: checked, in the order the kernel wants, read back.
import type { WriteAnswer } from '../../contract/answers.ts';
import { type ControlFile, findControlFile } from '../../contract/control-files.ts';
import { ProblemError } from '../../contract/problems.ts';
import { MAX, parseSize } from '../../contract/units.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import { wouldKill } from '../kernel/files/refusals.ts';
import type { Reach } from '../kernel/reach.ts';
import { spell } from './spell.ts';

const HARD = 'memory.limit_in_bytes';
const MEMSW = 'memory.memsw.limit_in_bytes';
const V2_HARD = 'memory.max';
const V2_USAGE = 'memory.current';

/** Files that have a way of their own to be written, or none at all, and which. */
const ELSEWHERE: Record<string, string> = {
  release_agent: 'It would run a program as root outside every limit: cgdeck never writes it.',
  'cgroup.event_control': 'It takes descriptors of the writing process: cgdeck registers its own.',
  'cgroup.procs': 'Use attach, which moves a process in every hierarchy at once.',
  tasks: 'Use attach, which moves a whole process in every hierarchy at once.',
  'cgroup.threads': 'Use attach, which moves a whole process in every hierarchy at once.',
  'cgroup.kill': 'Use kill, which tells whom it ended.',
  'freezer.state': 'Use freeze and thaw, which answer when the kernel says so.',
  'cgroup.freeze': 'Use freeze and thaw, which answer when the kernel says so.',
  'memory.pressure': 'A trigger lives as long as its descriptor: it cannot be written for you.',
  'cpu.pressure': 'A trigger lives as long as its descriptor: it cannot be written for you.',
  'irq.pressure': 'A trigger lives as long as its descriptor: it cannot be written for you.',
  'memory.reclaim': 'Use reclaim, which tells how much it was.',
  'io.pressure': 'A trigger lives as long as its descriptor: it cannot be written for you.',
};

/** The file that may have to move along with another: memory and swap together are at least the memory. */
export function movesAlong(name: string): string | undefined {
  return name === HARD ? MEMSW : name === MEMSW ? HARD : undefined;
}

interface Asked {
  readonly group: string;
  readonly name: string;
  readonly asked: string | number;
  readonly mayKill: boolean;
}

export type Written = Omit<WriteAnswer, 'group' | 'tookMs' | 'also'>;

export class LimitWriter {
  readonly #io: ControlFileIo;
  readonly #reach: Reach;
  /** The last write under way in each group. */
  readonly #last = new Map<string, Promise<unknown>>();

  constructor(io: ControlFileIo, reach: Reach) {
    this.#io = io;
    this.#reach = reach;
  }

  /** Everything that can be known before writing: the group, the file, the value, the right to. @returns what will be written */
  check(group: string, name: string, asked: string | number): string {
    const { file } = this.#io.locate(group, name);
    this.#reach.mayWrite(group);
    return checkValue(group, file, asked);
  }

  /**
   * Writes one file, moving memory and swap along where the kernel would refuse the order otherwise.
   * @returns the write and what had to move first
   * @throws ProblemError would_kill where v2 would have to kill for it, unless `mayKill`
   */
  async write(group: string, name: string, asked: string | number, mayKill = false): Promise<{ written: Written; also: Written[] }> {
    const before = this.#last.get(group);
    const mine = this.#writeAfter(before, { group, name, asked, mayKill });
    const settled = mine.catch(() => {});
    this.#last.set(group, settled);
    try {
      return await mine;
    } finally {
      if (this.#last.get(group) === settled) this.#last.delete(group);
    }
  }

  /** One after the other in a group: what is read back is what this write made, and memory and swap do not move under each other. */
  async #writeAfter(
    before: Promise<unknown> | undefined,
    { group, name, asked, mayKill }: Asked,
  ): Promise<{ written: Written; also: Written[] }> {
    await before;
    const text = this.check(group, name, asked);
    const { file } = this.#io.locate(group, name);
    const old = file.access === 'write' ? '' : await this.#io.read(group, name);
    if (!mayKill) await this.refuseToKill(group, name, text);
    const also = await this.#makeRoom(group, name, text);
    try {
      await this.#io.write(group, name, text);
    } catch (error) {
      // Half done is not done: what moved first goes back.
      for (const moved of also.reverse()) await this.#io.write(group, moved.file, moved.old);
      throw error;
    }
    const now = file.access === 'write' ? '' : await this.#io.read(group, name);
    return { written: { file: name, old, asked: String(asked), new: now }, also };
  }

  /**
   * v1 answers EBUSY to a hard limit under what it cannot reclaim; v2 takes it, and kills until it fits (cgroup-v2.rst, "memory.max").
   * @throws ProblemError would_kill
   */
  async refuseToKill(group: string, name: string, text: string): Promise<void> {
    if (name !== V2_HARD || text === MAX || !(await this.#io.has(group, V2_USAGE))) return;
    const usageBytes = Number(await this.#io.read(group, V2_USAGE));
    if (Number(text) < usageBytes) throw wouldKill(group, text, usageBytes);
  }

  /** memsw must be at least the limit at every moment: raise memsw first, lower the limit first. */
  async #makeRoom(group: string, name: string, text: string): Promise<Written[]> {
    const other = movesAlong(name);
    if (other === undefined || !(await this.#io.has(group, other))) return [];
    const value = toNumber(text);
    const old = await this.#io.read(group, other);
    const fits = name === HARD ? value <= toNumber(old) : value >= toNumber(old);
    if (fits) return [];
    await this.#io.write(group, other, text);
    return [{ file: other, old, asked: text, new: await this.#io.read(group, other) }];
  }
}

function toNumber(text: string): number {
  return text === '-1' ? Number.POSITIVE_INFINITY : Number(text);
}

function checkValue(group: string, file: ControlFile, asked: string | number): string {
  if (file.access === 'read') throw new ProblemError('unsupported', `${file.name} can only be read.`, { file: `${group}/${file.name}` });
  const elsewhere = ELSEWHERE[file.name];
  if (elsewhere !== undefined)
    throw new ProblemError('unsupported', `${file.name} is not written directly. ${elsewhere}`, { file: `${group}/${file.name}` });
  if (file.notInRoot && group === '/') throw new ProblemError('not_found', `The root group has no ${file.name}.`, { file: file.name });
  return spell(file, asked);
}

/**
 * Puts limits that are asked for together into an order that the kernel takes in a new group: CPUs and nodes first,
 * then memory (hard before memsw: a new group's memsw is unlimited), then the rest.
 * @throws ProblemError invalid for a file that is no limit, or memory and swap under memory
 */
export function orderLimits(limits: Readonly<Record<string, string | number>>): [string, string | number][] {
  const rank = (name: string) =>
    name.startsWith('cpuset.') ? 0 : name === HARD ? 1 : name === MEMSW ? 2 : name === 'cpu.cfs_period_us' ? 3 : 4;
  const entries = Object.entries(limits);
  for (const [name, asked] of entries) {
    const file = findControlFile(name);
    if (!file) throw new ProblemError('invalid', `${name} is no control file that cgdeck knows.`, { file: name });
    checkValue('the new group', file, asked);
  }
  const hard = parseSize(limits[HARD] ?? 'max');
  const memsw = parseSize(limits[MEMSW] ?? 'max');
  if (typeof memsw === 'number' && (typeof hard !== 'number' || memsw < hard)) {
    throw new ProblemError('invalid', `${MEMSW} may not be under ${HARD}: memory and swap together are at least the memory.`, {
      file: MEMSW,
      asked: String(limits[MEMSW]),
    });
  }
  return entries.sort(([a], [b]) => rank(a) - rank(b));
}
