// Which control files a group has, and reading many of them.
import type { FileView } from '../../../server/contract/calls.ts';
import { type ControlFile, controlFiles } from '../../../server/contract/control-files.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import { api, problemOf } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';

export type FileAnswer = { readonly view: FileView } | { readonly problem: Problem };

/** The registry's files that this group can have; whether this kernel has each is known when it is read. */
export function filesOf({ path, controllers }: Pick<GroupLive['entry'], 'path' | 'controllers'>): readonly ControlFile[] {
  const unified = controllers.includes('unified');
  return controlFiles.filter(({ controller, version, notInRoot }) => {
    if (notInRoot && path === '/') return false;
    if (version === 2) return unified;
    return controller === 'cgroup' ? controllers.some((name) => name !== 'unified') : controllers.includes(controller);
  });
}

/** Some at once: a controller's files come within a moment, and other requests still get through. */
const AT_ONCE = 4;

/** What the kernel says in each file that can be read, or why it does not. */
export async function readAll(group: string, files: readonly ControlFile[]): Promise<ReadonlyMap<string, FileAnswer>> {
  const answers = new Map<string, FileAnswer>();
  const left = files.filter(({ access }) => access !== 'write');
  const worker = async () => {
    for (let file = left.shift(); file; file = left.shift()) {
      try {
        answers.set(file.name, { view: await api.readFile(group, file.name) });
      } catch (error) {
        answers.set(file.name, { problem: problemOf(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}
