// Writes control files: checks the value, journals it, writes in the order that the kernel needs, reads back and reports.
import type { WriteAnswer } from '../../contract/answers.ts';
import type { CallInput } from '../../contract/calls.ts';
import { type ControlFile, findControlFile } from '../../contract/control-files.ts';
import { reclaimableBytes } from '../../contract/derive.ts';
import { parentPath } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { limitBytes, MAX, parseSize } from '../../contract/units.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import { readingsOf } from '../kernel/files/parse.ts';
import { wouldKill } from '../kernel/files/refusals.ts';
import { mustReplace } from '../kernel/files/replaced-value.ts';
import { KeyedQueue } from '../kernel/keyed-queue.ts';
import type { Written } from '../observe/observer-options.ts';
import type { ActParts } from './act-parts.ts';
import { spell } from './spell.ts';

const HARD = 'memory.limit_in_bytes';
const MEMSW = 'memory.memsw.limit_in_bytes';
const V2_HARD = 'memory.max';
const V2_USAGE = 'memory.current';
const NO_TRIGGERS = 'A pressure trigger ends when its descriptor is closed, so one written here would end at once.';
/** Files that cgdeck does not write by this call, and the reason or the call to use instead. */
const NOT_WRITTEN: Record<string, string> = {
  release_agent: 'The kernel would run that program as root outside of every limit, so cgdeck never writes it.',
  'cgroup.event_control': 'It needs descriptors of the writing process. cgdeck registers its own.',
  'cgroup.procs': 'Use attach, which moves a process in every hierarchy at once.',
  tasks: 'Use attach, which moves a whole process in every hierarchy at once.',
  'cgroup.threads': 'Use attach, which moves a whole process in every hierarchy at once.',
  'cgroup.kill': 'Use kill, which answers with the processes that it ended.',
  'freezer.state': 'Use freeze and thaw, which answer with the state that was reached.',
  'cgroup.freeze': 'Use freeze and thaw, which answer with the state that was reached.',
  'memory.pressure': NO_TRIGGERS,
  'cpu.pressure': NO_TRIGGERS,
  'irq.pressure': NO_TRIGGERS,
  'io.pressure': NO_TRIGGERS,
  'memory.reclaim': 'Use reclaim, which answers with the bytes that were freed.',
};

/** The file that may have to change together with this one: v1 keeps memory plus swap at or above memory. */
function pairedFile(name: string): string | undefined {
  return name === HARD ? MEMSW : name === MEMSW ? HARD : undefined;
}

/** Why the kernel’s value is not the one that was asked for, where that is known. */
function noteOf({ noEffect, adjusts }: ControlFile, asked: string, now: string): { note?: string } {
  const note = noEffect ?? (Number(asked) === Number(now) ? undefined : adjusts);
  return note === undefined ? {} : { note };
}

export class LimitWriter {
  readonly #parts: Omit<ActParts, 'layout' | 'reporter'>;
  readonly #queue = new KeyedQueue();

  constructor(parts: Omit<ActParts, 'layout' | 'reporter'>) {
    this.#parts = parts;
  }

  /** Runs `work` while no limit of the group is written here. It must write none with `write`. */
  turn<T>(group: string, work: () => Promise<T>): Promise<T> {
    return this.#queue.take(group, work);
  }

  /**
   * Writes of a group wait for each other, so that each reads back its own result. Where v1 would refuse a memory limit because of the memory
   * plus swap limit, or the reverse, both are written.
   * @throws ProblemError would_kill where v2 would kill processes to reach the limit, unless `mayKill`; changed if the file does not have the value
   * that is to be replaced
   */
  write({ path, inode, file: name, value, replaces, mayKill = false }: CallInput<'writeFile'>, by: string): Promise<WriteAnswer> {
    const { io, reach, journal, observer } = this.#parts;
    return this.#queue.take(path, async () => {
      const started = performance.now();
      io.group(path, inode);
      const { file } = io.locate(path, name);
      reach.mayWrite(path);
      const text = checkValue(path, file, value);
      if (name === 'cgroup.type' && parentPath(path) === reach.managedRoot) throw rootStaysDomain(path, name);
      if (!mayKill) await refuseToKill(io, path, name, text);
      const read = async () => (file.access === 'write' ? '' : io.read(path, name));
      const old = await read();
      mustReplace({ file, where: `${path}/${name}`, now: old, value: text, replaces });
      const facts = { file: name, old, asked: text, ...(mayKill ? { mayKill } : {}) };
      return observer.writing(io.group(path), [name, pairedFile(name) ?? name], async () => {
        const { also, now } = await journal.record(
          { by, action: 'write', group: path, facts },
          async () => {
            const moved = await this.#makeRoom({ group: path, inode }, name, text);
            try {
              await io.write(path, name, text, inode);
            } catch (error) {
              for (const { file: other, old: before } of moved) await io.write(path, other, before, inode);
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
          ...noteOf(file, text, now),
        };
      });
    });
  }

  /** memory.memsw must be at least the memory limit at every moment: raised before it, lowered after it. */
  async #makeRoom({ group, inode }: { group: string; inode: number | undefined }, name: string, text: string): Promise<Written[]> {
    const { io } = this.#parts;
    const other = pairedFile(name);
    if (other === undefined || !(await io.has(group, other))) return [];
    const old = await io.read(group, other);
    const fits = name === HARD ? limitBytes(text) <= limitBytes(old) : limitBytes(text) >= limitBytes(old);
    if (fits) return [];
    await io.write(group, other, text, inode);
    return [{ file: other, old, asked: text, new: await io.read(group, other) }];
  }
}

/**
 * v1 answers EBUSY to a hard limit below what it cannot reclaim; v2 accepts it and kills until usage fits (cgroup-v2.rst, "memory.max").
 * Dirty pages and those under writeback cannot be reclaimed at once.
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

/** A threaded child makes the managed root the root of a threaded subtree: no process could be put into its other children (cgroup-v2.rst, "Threads"). */
function rootStaysDomain(path: string, name: string): ProblemError {
  return new ProblemError(
    'unsupported',
    `${path} stays a domain group: as a threaded one it would keep every launch out of ${parentPath(path)}. Make a group below it, and set ${name} there.`,
    { file: `${path}/${name}` },
  );
}

function checkValue(group: string, file: ControlFile, asked: string | number): string {
  if (file.access === 'read') throw new ProblemError('unsupported', `${file.name} can only be read.`, { file: `${group}/${file.name}` });
  const reason = NOT_WRITTEN[file.name];
  if (reason !== undefined)
    throw new ProblemError('unsupported', `${file.name} is not written directly. ${reason}`, { file: `${group}/${file.name}` });
  if (file.notInRoot && group === '/') throw new ProblemError('not_found', `The root group has no ${file.name}.`, { file: file.name });
  return spell(file, asked);
}

/**
 * Sorts the limits of a new group into an order that the kernel accepts: CPUs and nodes, then memory (the hard limit before memsw, which is
 * unlimited in a new group), then the rest.
 * @throws ProblemError invalid for a file that is not a limit, and for memory plus swap below memory
 */
export function orderLimits(limits: Readonly<Record<string, string | number>>): [string, string | number][] {
  const rank = (name: string) =>
    name.startsWith('cpuset.') ? 0 : name === HARD ? 1 : name === MEMSW ? 2 : name === 'cpu.cfs_period_us' ? 3 : 4;
  const entries = Object.entries(limits);
  for (const [name, asked] of entries) {
    const file = findControlFile(name);
    if (!file) throw new ProblemError('invalid', `cgdeck does not know a control file ${name}.`, { file: name });
    checkValue('the new group', file, asked);
  }
  const hard = parseSize(limits[HARD] ?? 'max');
  const memsw = parseSize(limits[MEMSW] ?? 'max');
  if (typeof memsw === 'number' && (typeof hard !== 'number' || memsw < hard)) {
    throw new ProblemError('invalid', `${MEMSW} may not be below ${HARD}: it limits memory plus swap.`, {
      file: MEMSW,
      asked: String(limits[MEMSW]),
    });
  }
  return entries.sort(([a], [b]) => rank(a) - rank(b));
}
