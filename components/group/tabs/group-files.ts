// The control files of a group, and reading many of them.
import type { FileList, FileView } from '../../../server/contract/answers.ts';
import { unknownFile } from '../../../server/contract/control-file.ts';
import { type ControlFile, controlFiles, findControlFile } from '../../../server/contract/control-files.ts';
import { mayHave, type PlacedGroup } from '../../../server/contract/presence.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import { api, problemOf } from '../../live/api.ts';

export type FileAnswer = { readonly view: FileView } | { readonly problem: Problem };

export interface GroupFile {
  readonly file: ControlFile;
  /** The unified tree has a file of this name too: what is read and written is v1’s. */
  readonly twice: boolean;
}

/** The registry’s files that this group can have; whether this kernel has each is known when it is read. */
export function filesOf(group: PlacedGroup): readonly GroupFile[] {
  const own = controlFiles.filter((file) => mayHave(group, file));
  const has = (name: string, version: 1 | 2) => own.some((file) => file.name === name && file.version === version);
  return own.flatMap((file) => {
    const other = has(file.name, file.version === 1 ? 2 : 1);
    return other && file.version === 2 ? [] : [{ file, twice: other }];
  });
}

export interface FoundFiles {
  readonly present: readonly GroupFile[];
  /** Those that the registry has for such a group, and this kernel has not. */
  readonly absent: readonly GroupFile[];
}

/** The files that a group has, as the kernel lists them: those of the registry in its order, then all others. @param found undefined while it is not known: all that the group can have */
export function foundFiles(group: PlacedGroup, found: FileList['files'] | undefined): FoundFiles {
  const possible = filesOf(group);
  if (!found) return { present: possible, absent: [] };
  const isSame = (one: FileList['files'][number], { file }: GroupFile) =>
    one.name === file.name && one.version === file.version && one.known;
  const [present, absent] = [true, false].map((has) => possible.filter((file) => found.some((one) => isSame(one, file)) === has));
  const others = found
    .filter((one) => !possible.some((file) => isSame(one, file)))
    .map(({ name, version, access, known }) => {
      const file =
        (known ? findControlFile(name, version) : undefined) ?? unknownFile(name, version, access === 'write' ? 'write' : 'read');
      return { file, twice: false };
    });
  return { present: [...(present ?? []), ...others], absent: absent ?? [] };
}

/** Whether files of both versions are among them, so that each needs its version shown. */
export function isMixed(files: readonly GroupFile[]): boolean {
  return files.some(({ file }) => file.version === 1) && files.some(({ file }) => file.version === 2);
}

/** What a write replaces; undefined where it triggers or resets something, and where not all is shown. */
export function seenOf({ kind, access }: ControlFile, { raw, cut }: FileView): string | undefined {
  const keeps = access === 'both' && kind !== 'trigger' && kind !== 'gauge' && kind !== 'counter';
  return keeps && !cut ? raw : undefined;
}

const UNIT_WORDS: Partial<Record<ControlFile['unit'], string>> = {
  bytes: 'bytes',
  nsec: 'ns',
  usec: 'µs',
  userHz: '1/100 s',
  percent: 'percent',
  shares: 'shares',
  weight: 'weight',
};

/** "gauge, bytes": the kind of file and its unit; the kind alone where that has it. */
export function kindWords({ kind, unit, controller }: Pick<ControlFile, 'kind' | 'unit' | 'controller'>): string {
  if (controller === 'other') return 'not known to cgdeck';
  const words = UNIT_WORDS[unit];
  return words === undefined ? kind : `${kind}, ${words}`;
}

/** Some at once, so that a controller’s files come quickly and other requests get through. */
const AT_ONCE = 4;

/** The text of each file that can be read, or why it cannot. */
export async function readAll(group: string, files: readonly GroupFile[]): Promise<ReadonlyMap<string, FileAnswer>> {
  const answers = new Map<string, FileAnswer>();
  const left = files.filter(({ file }) => file.access !== 'write');
  const worker = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const { name } = next.file;
      try {
        answers.set(name, { view: await api.readFile({ path: group, file: name }) });
      } catch (error) {
        answers.set(name, { problem: problemOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}
