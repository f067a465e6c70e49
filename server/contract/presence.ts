// Which control files a group can have, and why it lacks one.
import type { ControlFile } from './control-file.ts';
import { type Controller, splitControllers } from './controller.ts';
import { parentPath } from './paths.ts';

export interface PlacedGroup {
  readonly path: string;
  /** As frames and answers list them. */
  readonly controllers: readonly string[];
}

type Of = Pick<ControlFile, 'name' | 'controller' | 'version' | 'inCore' | 'notInRoot' | 'onlyInRoot'>;

/** Whether the group's hierarchies have the file. Whether this kernel has it shows when it is read. */
export function mayHave({ path, controllers }: PlacedGroup, file: Of): boolean {
  if (path === '/' ? file.notInRoot : file.onlyInRoot) return false;
  const [v1, v2] = splitControllers(controllers);
  const { controller } = file;
  if (file.version === 1)
    return controller === 'cgroup' ? (v1?.controllers.length ?? 0) > 0 : (v1?.controllers.includes(controller) ?? false);
  return v2 !== undefined && (isCore(file) || v2.controllers.includes(controller));
}

function isCore({ controller, inCore }: Of): boolean {
  return controller === 'cgroup' || controller === 'psi' || inCore === true;
}

/** Controllers that count and limit threads; all others work on whole processes (cgroup-v2.rst, “Threads”). */
const THREADED: ReadonlySet<Controller> = new Set(['cpu', 'cpuset', 'pids', 'cgroup', 'psi']);

/**
 * Why the group lacks the file, in a sentence; undefined if it can have it.
 * @param type the content of cgroup.type, if known
 */
export function whyAbsent(group: PlacedGroup, file: Of, type?: string): string | undefined {
  if (mayHave(group, file)) return undefined;
  const { path, controllers } = group;
  if (path === '/' && file.notInRoot) return `The root group has no ${file.name}.`;
  if (file.onlyInRoot) return `Only the root group has ${file.name}.`;
  if (file.version === 1) return `This group is not in the ${file.controller} hierarchy.`;
  if (!controllers.includes('unified')) return 'This group is not in the unified hierarchy.';
  if (type === 'threaded' && !THREADED.has(file.controller))
    return `This group is threaded: ${file.controller} counts and limits whole processes, in the ancestor that they belong to.`;
  if (type === 'domain invalid') return `This group is below a threaded one and not valid yet: write threaded to its cgroup.type first.`;
  return path === '/'
    ? `The ${file.controller} controller is not available in this tree.`
    : `The ${file.controller} controller is not enabled for this group: cgroup.subtree_control of ${parentPath(path)} does not list it.`;
}
