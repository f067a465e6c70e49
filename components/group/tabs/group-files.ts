// Which control files a group has, and reading many of them.
import type { FileView } from '../../../server/contract/calls.ts';
import { type ControlFile, controlFiles } from '../../../server/contract/control-files.ts';
import { splitControllers } from '../../../server/contract/controller.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import { api, problemOf } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';

export type FileAnswer = { readonly view: FileView } | { readonly problem: Problem };

/** The registry's files that this group can have; whether this kernel has each is known when it is read. */
export function filesOf({ path, controllers }: Pick<GroupLive['entry'], 'path' | 'controllers'>): readonly ControlFile[] {
  const [v1, v2] = splitControllers(controllers);
  const has = ({ controller, version, inCore }: ControlFile) => {
    if (version === 2)
      return (
        v2 !== undefined && (controller === 'cgroup' || controller === 'psi' || inCore === true || v2.controllers.includes(controller))
      );
    return controller === 'cgroup' ? (v1?.controllers.length ?? 0) > 0 : (v1?.controllers.includes(controller) ?? false);
  };
  const own = controlFiles.filter((file) => !(path === '/' ? file.notInRoot : file.onlyInRoot) && has(file));
  // A name that both versions have is v1's where v1 has the controller.
  return own.filter((file) => file.version === 1 || !own.some(({ name, version }) => version === 1 && name === file.name));
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
