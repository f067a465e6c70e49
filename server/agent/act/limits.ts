// Every write of a control file: checked, journaled, in the order the kernel wants, read back, reported.
import type { WriteAnswer } from '../../contract/answers.ts';
import type { CallInput } from '../../contract/calls.ts';
import { type ControlFile, findControlFile } from '../../contract/control-files.ts';
import { reclaimableBytes } from '../../contract/derive.ts';
import { ProblemError } from '../../contract/problems.ts';
import { limitBytes, MAX, parseSize } from '../../contract/units.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import { readingsOf } from '../kernel/files/parse.ts';
import { wouldKill } from '../kernel/files/refusals.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Written } from '../observe/observer.ts';
import type { ActParts } from './act-parts.ts';
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
function movesAlong(name: string): string | undefined {
  return name === HARD ? MEMSW : name === MEMSW ? HARD : undefined;
}

export class LimitWriter {
  readonly #parts: Omit<ActParts, 'layout' | 'reporter'>;
  readonly #queue = new KeyedQueue();

  constructor(parts: Omit<ActParts, 'layout' | 'reporter'>) {
    this.#parts = parts;
  }

  /**
   * One after the other in a group: what is read back is what this write made, and memory and swap do not move under each other. Memory and
   * swap are moved along where the kernel would refuse the order otherwise.
   * @throws ProblemError would_kill where v2 would have to kill for it, unless `mayKill`
   */
  write({ path, file: name, value, mayKill = false }: CallInput<'writeFile'>, by: string): Promise<WriteAnswer> {
    const { io, reach, journal, observer } = this.#parts;
    return this.#queue.take(path, async () => {
      const started = performance.now();
      const { file } = io.locate(path, name);
      reach.mayWrite(path);
      const text = checkValue(path, file, value);
      if (!mayKill) await refuseToKill(io, path, name, text);
      const read = async () => (file.access === 'write' ? '' : io.read(path, name));
      const old = await read();
      const facts = { file: name, old, asked: text, ...(mayKill ? { mayKill } : {}) };
      return observer.writing(io.group(path), [name, movesAlong(name) ?? name], async () => {
        const { also, now } = await journal.record(
          { by, action: 'write', group: path, facts },
          async () => {
            const moved = await this.#makeRoom(path, name, text);
            try {
              await io.write(path, name, text);
            } catch (error) {
              // Half done is not done: what moved first goes back.
              for (const { file: other, old: before } of moved) await io.write(path, other, before);
              throw error;
            }
            return { also: moved, now: await read() };
          },
          (done) => done,
        );
        const written = { file: name, old, asked: String(value), new: now };
        for (const one of [...also, written]) observer.wrote(path, one, by);
        return {
          group: path,
          ...written,
          tookMs: performance.now() - started,
          ...(also.length > 0 ? { also } : {}),
          ...(file.noEffect === undefined ? {} : { note: file.noEffect }),
        };
      });
    });
  }

  /** memsw must be at least the limit at every moment: raise memsw first, lower the limit first. */
  async #makeRoom(group: string, name: string, text: string): Promise<Written[]> {
    const { io } = this.#parts;
    const other = movesAlong(name);
    if (other === undefined || !(await io.has(group, other))) return [];
    const old = await io.read(group, other);
    const fits = name === HARD ? limitBytes(text) <= limitBytes(old) : limitBytes(text) >= limitBytes(old);
    if (fits) return [];
    await io.write(group, other, text);
    return [{ file: other, old, asked: text, new: await io.read(group, other) }];
  }
}

/**
 * v1 answers EBUSY to a hard limit under what it cannot reclaim; v2 takes it, and kills until it fits (cgroup-v2.rst, "memory.max"). What is
 * dirty or under way to the disk cannot be reclaimed at once.
 * @throws ProblemError would_kill
 */
export async function refuseToKill(io: Pick<ControlFileIo, 'has' | 'read'>, group: string, name: string, text: string): Promise<void> {
  if (name !== V2_HARD || text === MAX || !(await io.has(group, V2_USAGE))) return;
  const usageBytes = Number(await io.read(group, V2_USAGE));
  if (Number(text) >= usageBytes) return;
  const file = findControlFile('memory.stat', 2);
  const stat = file ? Object.fromEntries(readingsOf(file, `${await io.read(group, file.name)}\n`)) : {};
  const unclean = Number(stat['memory.stat:file_dirty'] ?? 0) + Number(stat['memory.stat:file_writeback'] ?? 0);
  const staysBytes = usageBytes - Math.max(0, (reclaimableBytes(stat) ?? 0) - unclean);
  if (Number(text) < staysBytes) throw wouldKill(group, text, usageBytes, staysBytes);
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
