// The part of the reference that is shown, as in the URL: `?of=2&controller=memory&find=swap`; and its contents.
import { type ControlFile, type Controller, controlFiles } from '../../server/contract/control-files.ts';
import { searchOf } from '../frame/links.ts';

export type Version = ControlFile['version'];

export interface ReferenceView {
  /** The version whose files are listed, with their counterparts; undefined: that of this machine’s memory controller. */
  readonly of: Version | undefined;
  /** Undefined: the first one. */
  readonly controller: Controller | undefined;
  /** Text in a name, an explanation, or a counterpart’s name; searched in all controllers. */
  readonly find: string;
}

export function referenceFromSearch(search: URLSearchParams): ReferenceView {
  const of = search.get('of');
  const controller = search.get('controller');
  return {
    of: of === '1' ? 1 : of === '2' ? 2 : undefined,
    controller: controlFiles.find((file) => file.controller === controller)?.controller,
    find: search.get('find') ?? '',
  };
}

export function referenceToSearch({ of, controller, find }: ReferenceView): string {
  return searchOf({ of, controller, find });
}

export function otherVersion(version: Version): Version {
  return version === 1 ? 2 : 1;
}

/** The controllers of a version’s files, in the registry’s order, each with the number of files. */
export function controllersOf(of: Version): ReadonlyMap<Controller, number> {
  const counts = new Map<Controller, number>();
  for (const { version, controller } of controlFiles) if (version === of) counts.set(controller, (counts.get(controller) ?? 0) + 1);
  return counts;
}

/** The listed files; a search has those first whose name matches. */
export function listedFiles(of: Version, controller: Controller | undefined, find: string): readonly ControlFile[] {
  const own = controlFiles.filter(({ version }) => version === of);
  const wanted = find.trim().toLowerCase();
  if (wanted === '') {
    const chosen = controller !== undefined && own.some((file) => file.controller === controller) ? controller : own[0]?.controller;
    return own.filter((file) => file.controller === chosen);
  }
  const rank = ({ name, help, counterparts = [] }: ControlFile) => {
    if (name.includes(wanted)) return 0;
    if (counterparts.some((other) => other.name.includes(wanted))) return 1;
    return help.toLowerCase().includes(wanted) ? 2 : 3;
  };
  return own.filter((file) => rank(file) < 3).sort((a, b) => rank(a) - rank(b));
}
