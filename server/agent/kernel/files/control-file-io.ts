// Reads and writes single control files as raw text; a refusal becomes a problem document.

import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileList, FileView } from '../../../contract/answers.ts';
import { type ControlFile, findControlFiles } from '../../../contract/control-files.ts';
import { ProblemError } from '../../../contract/problems.ts';
import { errnoOf } from '../errno.ts';
import { statDir } from '../hierarchy/directories.ts';
import { onDisk } from '../hierarchy/disk-path.ts';
import type { Group } from '../hierarchy/group-tree.ts';
import type { Layout } from '../hierarchy/layout.ts';
import { replaced } from '../meant.ts';
import { controlFilesOf, type FoundFile, readBeginning, unknownFileOf } from './group-files.ts';
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

  /**
   * @param inode of the group that is meant
   * @throws ProblemError not_found for a group that does not exist, replaced for another one of that name
   */
  group(path: string, inode?: number): Group {
    const group = this.#find(path);
    if (!group) throw new ProblemError('not_found', `The group ${path} does not exist, or was removed.`, { file: path });
    if (!this.isStill(path, inode)) throw replaced(path);
    return group;
  }

  /** Whether the group of that name has this inode. The kernel is asked, since the notice that it was made again may be on its way. */
  isStill(path: string, inode: number | undefined): boolean {
    if (inode === undefined) return true;
    const group = this.#find(path);
    if (group?.inode !== inode) return false;
    for (const [hierarchy, own] of group.in) {
      if (own !== inode || this.#layout.unreachable(hierarchy, path) !== undefined) continue;
      if (statDir(this.#layout.dir(hierarchy, path))?.ino !== inode) return false;
    }
    return true;
  }

  /** @throws ProblemError not_found for a file that the group does not have; unsupported for one that the registry does not know */
  locate(path: string, name: string): { file: ControlFile; fullPath: string } {
    const group = this.group(path);
    const place = this.#layout.place(path, name, (hierarchy) => group.in.has(hierarchy));
    if (place === undefined) {
      const asked = { file: `${path}/${name}` };
      if (unknownFileOf(this.#layout, group, name))
        throw new ProblemError(
          'unsupported',
          `cgdeck does not know ${name}: it shows the file as the kernel has it, and never writes it.`,
          asked,
        );
      const [known] = findControlFiles(name);
      if (known) throw notHere(path, known, this.#layout);
      throw new ProblemError(
        'not_found',
        `${path} has no control file ${name}; GET /api/v1/files?group=${path} lists those that it has.`,
        asked,
      );
    }
    this.mustBeMounted(path);
    return { file: place.file, fullPath: place.path };
  }

  /** @throws ProblemError unsupported while a hierarchy of the group is unmounted or covered: its directory would look like an empty group, and a write would miss the kernel */
  mustBeMounted(path: string): void {
    const [why] = [...this.group(path).in.keys()].flatMap((hierarchy) => this.#layout.unreachable(hierarchy, path) ?? []);
    if (why !== undefined) throw new ProblemError('unsupported', why, { file: path });
  }

  /** Whether a hierarchy of the group may have such a file; an old kernel may lack it all the same. */
  mayHave(path: string, name: string): boolean {
    const group = this.group(path);
    return this.#layout.place(path, name, (hierarchy) => group.in.has(hierarchy)) !== undefined;
  }

  /** The raw text, without its last newline. */
  async read(path: string, name: string): Promise<string> {
    const { file, fullPath } = this.locate(path, name);
    if (file.access === 'write') throw writeOnly(path, name);
    try {
      // Synchronous: the kernel makes the text at once, and handing the read to a thread takes longer than the read.
      return readFileSync(onDisk(fullPath), 'utf8').replace(/\n$/, '');
    } catch (cause) {
      throw refusal({ group: path, file: name, version: file.version, type: this.#typeOf(path), cause });
    }
  }

  list(path: string): FileList {
    const group = this.group(path);
    this.mustBeMounted(path);
    const files = controlFilesOf(this.#layout, group);
    return { group: path, files: files.map(({ name, version, access, known }) => ({ name, version, access, known: known !== undefined })) };
  }

  async view(path: string, name: string): Promise<FileView> {
    const group = this.group(path);
    const place = this.#layout.place(path, name, (hierarchy) => group.in.has(hierarchy));
    const unknown = place ? undefined : unknownFileOf(this.#layout, group, name);
    if (unknown) return this.#viewUnknown(path, unknown);
    const raw = await this.read(path, name);
    const { file } = this.locate(path, name);
    const entries: NonNullable<FileView['entries']> = {};
    const bytes = Buffer.from(`${raw}\n`);
    if (raw !== '' || file.format === 'ranges')
      parserOf(file, { all: true })(bytes, 0, bytes.length, (part, value) => {
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

  async #viewUnknown(group: string, { name, path, access, version }: FoundFile): Promise<FileView> {
    if (access === 'write') throw writeOnly(group, name);
    try {
      const { raw, cut } = await readBeginning(path);
      return { group, file: name, raw, ...(cut ? { cut } : {}) };
    } catch (cause) {
      if (errnoOf(cause) === 'EINVAL') throw writeOnly(group, name);
      throw refusal({ group, file: name, version, cause });
    }
  }

  /** Writes raw text in one write(2), as control files require. @param inode of the group that is meant */
  async write(path: string, name: string, text: string, inode?: number): Promise<void> {
    const { file, fullPath } = this.locate(path, name);
    try {
      const handle = await open(onDisk(fullPath), 'w');
      try {
        // Once the file is open: after the check nothing can take the place of what is written to.
        this.group(path, inode);
        // A write of 0 bytes does not reach the control file; an empty line does, and empties a cpuset.
        await handle.write(text === '' ? '\n' : text);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      throw refusal({ group: path, file: name, version: file.version, asked: text, type: this.#typeOf(path), cause });
    }
  }

  /** v2's cgroup.type: "domain", "threaded", …; undefined for the root group, and on v1. */
  #typeOf(path: string): string | undefined {
    const { unified } = this.#layout;
    if (!unified) return undefined;
    try {
      return readFileSync(onDisk(`${this.#layout.dir(unified, path)}/cgroup.type`), 'utf8').trim();
    } catch {
      return undefined;
    }
  }

  /** Whether the group has the file and it can be read. */
  async has(path: string, name: string): Promise<boolean> {
    try {
      await this.read(path, name);
      return true;
    } catch (error) {
      if (error instanceof ProblemError) return false;
      throw error;
    }
  }
}

function writeOnly(group: string, name: string): ProblemError {
  return new ProblemError('unsupported', `${name} can only be written, not read.`, { file: `${group}/${name}` });
}

/** The problem for a file that the machine or group lacks; names the file of the other cgroup version that does the same, if there is one. */
function notHere(group: string, file: ControlFile, layout: Layout): ProblemError {
  const counterparts = (file.counterparts ?? []).filter(({ name }) => name !== file.name && layout.place(group, name, () => true));
  const advice = counterparts.map(({ name, differs }) => ` Use ${name} instead.${differs === undefined ? '' : ` ${differs}`}`).join('');
  return new ProblemError(
    'not_found',
    `${group} has no ${file.name}: the group is not in the ${file.controller} hierarchy (cgroup v${file.version}), or that is not mounted.${advice}`,
    { file: `${group}/${file.name}` },
  );
}
