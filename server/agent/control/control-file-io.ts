// Reading and writing one control file: raw text in, raw text out, refusals as problems.
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileView } from '../../contract/calls.ts';
import { type ControlFile, findControlFile } from '../../contract/control-files.ts';
import { ProblemError } from '../../contract/problems.ts';
import { MAX, parseSize } from '../../contract/units.ts';
import type { Group } from '../hierarchy/group-tree.ts';
import type { Layout } from '../hierarchy/layout.ts';
import { parserOf } from '../sample/parse.ts';
import { errnoOf, refusal } from './refusals.ts';

/** Groups by path, as the tree knows them. */
export type FindGroup = (path: string) => Group | undefined;

export class ControlFileIo {
  readonly #layout: Layout;
  readonly #find: FindGroup;

  constructor(layout: Layout, find: FindGroup) {
    this.#layout = layout;
    this.#find = find;
  }

  /** @throws ProblemError not_found for a group that does not exist */
  group(path: string): Group {
    const group = this.#find(path);
    if (!group) throw new ProblemError('not_found', `There is no group ${path} (any more).`, { file: path });
    return group;
  }

  /** @throws ProblemError not_found for a file that the registry or the group does not have */
  locate(path: string, name: string): { file: ControlFile; fullPath: string } {
    const group = this.group(path);
    const file = findControlFile(name);
    if (!file)
      throw new ProblemError('not_found', `${name} is no control file that cgdeck knows; GET /api/v1/controls lists them.`, {
        file: `${path}/${name}`,
      });
    const fullPath = this.#layout.filePath(path, name, (hierarchy) => group.in.has(hierarchy));
    if (fullPath === undefined) {
      throw new ProblemError(
        'not_found',
        `${path} has no ${name}: the group is not in the hierarchy of ${file.controller}, or that is not mounted.`,
        { file: `${path}/${name}` },
      );
    }
    return { file, fullPath };
  }

  /** The raw text, without its last newline. */
  async read(path: string, name: string): Promise<string> {
    const { file, fullPath } = this.locate(path, name);
    if (file.access === 'write')
      throw new ProblemError('unsupported', `${name} can only be written: the kernel has nothing to read there.`, {
        file: `${path}/${name}`,
      });
    try {
      // The kernel composes it on the spot: handing that to a thread and back takes longer than the reading.
      return readFileSync(fullPath, 'utf8').replace(/\n$/, '');
    } catch (cause) {
      throw refusal({ group: path, file: name, cause });
    }
  }

  async view(path: string, name: string): Promise<FileView> {
    const raw = await this.read(path, name);
    const { file } = this.locate(path, name);
    const entries: NonNullable<FileView['entries']> = {};
    const bytes = Buffer.from(`${raw}\n`);
    // Every line of a keyed file, not only those that the tick samples.
    const { keys: _, ...whole } = file;
    if (raw !== '' || file.format === 'ranges')
      parserOf(whole)(bytes, 0, bytes.length, (part, value) => {
        entries[part] = value;
      });
    const { '': value, ...keyed } = entries;
    return {
      group: path,
      file: name,
      raw,
      ...(value === undefined ? {} : { value }),
      ...(Object.keys(keyed).length > 0 ? { entries: keyed } : {}),
    };
  }

  /** Writes raw text in one write(2), as control files want it. */
  async write(path: string, name: string, text: string): Promise<void> {
    const { fullPath } = this.locate(path, name);
    try {
      const handle = await open(fullPath, 'w');
      try {
        // A write of nothing never reaches the kernel; an empty line does, and empties a cpuset.
        await handle.write(text === '' ? '\n' : text);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw refusal({ group: path, file: name, asked: text, cause });
    }
  }

  /** Whether the group has the file and it can be opened; other refusals are none of its business. */
  async has(path: string, name: string): Promise<boolean> {
    try {
      await this.read(path, name);
      return true;
    } catch (error) {
      if (error instanceof ProblemError || errnoOf(error) !== '') return false;
      throw error;
    }
  }
}

/**
 * What to write for an asked value: sizes in bytes, "max" as the file spells it.
 * @throws ProblemError invalid, with what the file takes
 */
export function spell(file: ControlFile, asked: string | number): string {
  const text = String(asked).trim();
  const fail = (wants: string): never => {
    throw new ProblemError('invalid', `"${String(asked)}" is nothing that ${file.name} takes: it wants ${wants}.`, {
      file: file.name,
      asked: String(asked),
    });
  };
  if (text.includes('\0')) return fail('text without NUL characters');
  if (file.unit === 'bytes') {
    const bytes = parseSize(typeof asked === 'number' ? asked : String(asked));
    if (bytes === undefined) return fail('a size such as 67108864, 64M, 1G, or max');
    return bytes === MAX ? '-1' : String(bytes);
  }
  if (file.format === 'integer' || file.format === 'integer-or-max') {
    if (text === MAX || text === '-1') return noLimit(file) ?? fail('a whole number; it has no "no limit"');
    if (!/^\d{1,19}$/.test(text)) return fail(`a whole number${noLimit(file) === undefined ? '' : ', or max'}`);
    return text;
  }
  if (file.format === 'ranges' && !/^[\d,-]*$/.test(text)) return fail('a list such as 0-3,6');
  if (file.format === 'word' && text === '') return fail('one word');
  return text;
}

function noLimit(file: ControlFile): string | undefined {
  if (file.format === 'integer-or-max') return MAX;
  if (file.name === 'cpu.cfs_quota_us' || file.name === 'cpu.rt_runtime_us' || file.name === 'cpuset.sched_relax_domain_level') return '-1';
  return undefined;
}
