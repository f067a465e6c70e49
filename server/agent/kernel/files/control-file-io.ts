// Reading and writing one control file: raw text in, raw text out, refusals as problems.

import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileView } from '../../../contract/answers.ts';
import { type ControlFile, findControlFiles } from '../../../contract/control-files.ts';
import { ProblemError } from '../../../contract/problems.ts';
import { errnoOf } from '../errno.ts';
import { onDisk } from '../hierarchy/disk-path.ts';
import type { Group } from '../hierarchy/group-tree.ts';
import { type Layout, unmountedSentence } from '../hierarchy/layout.ts';
import { parserOf } from './parse.ts';
import { refusal } from './refusals.ts';

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
    const [known] = findControlFiles(name);
    if (!known)
      throw new ProblemError('not_found', `${name} is no control file that cgdeck knows; GET /api/v1/controls lists them.`, {
        file: `${path}/${name}`,
      });
    const place = this.#layout.place(path, name, (hierarchy) => group.in.has(hierarchy));
    if (place === undefined) throw notHere(path, known, this.#layout);
    this.mustBeMounted(path);
    return { file: place.file, fullPath: place.path };
  }

  /** @throws ProblemError unsupported while a hierarchy of the group is unmounted: a look would find nobody inside, and a write a folder that is no group */
  mustBeMounted(path: string): void {
    const away = [...this.group(path).in.keys()].find((hierarchy) => !this.#layout.isMounted(hierarchy));
    if (away) throw new ProblemError('unsupported', unmountedSentence(away), { file: path });
  }

  /** Whether a hierarchy that the group is in holds such a file; whether this kernel has it is known when it is read. */
  holds(path: string, name: string): boolean {
    const group = this.group(path);
    return this.#layout.place(path, name, (hierarchy) => group.in.has(hierarchy)) !== undefined;
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
      return readFileSync(onDisk(fullPath), 'utf8').replace(/\n$/, '');
    } catch (cause) {
      throw refusal({ group: path, file: name, version: file.version, type: this.#typeOf(path), cause });
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
    const { file, fullPath } = this.locate(path, name);
    try {
      const handle = await open(onDisk(fullPath), 'w');
      try {
        // A write of nothing never reaches the kernel; an empty line does, and empties a cpuset.
        await handle.write(text === '' ? '\n' : text);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw refusal({ group: path, file: name, version: file.version, asked: text, type: this.#typeOf(path), cause });
    }
  }

  /** v2's cgroup.type: "domain", "threaded", …; undefined for the root group, and where there is no unified tree. */
  #typeOf(path: string): string | undefined {
    const { unified } = this.#layout;
    if (!unified) return undefined;
    try {
      return readFileSync(onDisk(`${this.#layout.dir(unified, path)}/cgroup.type`), 'utf8').trim();
    } catch {
      return undefined;
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

/** A file that this machine or group lacks; where the other version has one that does the same, that is what to use. */
function notHere(group: string, file: ControlFile, layout: Layout): ProblemError {
  const instead = (file.counterparts ?? []).filter(({ name }) => layout.place(group, name, () => true));
  const advice = instead
    .map(({ name, differs }) => ` Its counterpart here is ${name}.${differs === undefined ? '' : ` ${differs}`}`)
    .join('');
  return new ProblemError(
    'not_found',
    `${group} has no ${file.name}: the group is not in the hierarchy of ${file.controller} (cgroup v${file.version}), or that is not mounted.${advice}`,
    { file: `${group}/${file.name}` },
  );
}
