// A new group in words and as a request: its limits under this machine's names, the leaf that v2 may want, what was done along with it.
import type { CallAnswer, CallInput } from '../../server/contract/calls.ts';
import { joinPath, newNameFault, parentPath } from '../../server/contract/paths.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { keyOn } from '../../server/contract/quantities.ts';

export interface NewGroup {
  readonly path: string;
  /** Sizes and a count as they were typed; empty for no limit. */
  readonly hard: string;
  readonly soft: string;
  readonly tasks: string;
  /** Where the parent's own processes go first. */
  readonly leaf?: string | undefined;
}

/** @param memory the version that has the memory controller on this machine */
export function createRequest({ path, hard, soft, tasks, leaf }: NewGroup, memory: 1 | 2): CallInput<'createGroup'> {
  const asked: ReadonlyArray<readonly [file: string | undefined, value: string]> = [
    [keyOn('memory-hard-limit', memory), hard],
    [keyOn('memory-soft-limit', memory), soft],
    ['pids.max', tasks],
  ];
  const limits = Object.fromEntries(asked.flatMap(([file, value]) => (file === undefined || value === '' ? [] : [[file, value]])));
  return { path, ...(Object.keys(limits).length > 0 ? { limits } : {}), ...(leaf === undefined ? {} : { leaf }) };
}

/**
 * The group that would have to be emptied into a leaf first: on v2 one with processes hands no controllers down.
 * @returns undefined where the refusal is about something else, or the group is not the new one's parent: a leaf beside it would not help
 */
export function wantsLeaf({ code, file }: Problem, path: string): string | undefined {
  const full = code === 'busy' && file?.endsWith(FILE) === true ? file.slice(0, -FILE.length) : undefined;
  return full === parentPath(path) ? full : undefined;
}

const FILE = '/cgroup.subtree_control';

export function leafPath(path: string, leaf: string): string {
  return joinPath(parentPath(path), leaf);
}

export function leafFault(path: string, leaf: string): string | undefined {
  return (
    newNameFault(leaf) ?? (leafPath(path, leaf) === path ? 'The leaf is a group beside the new one: it needs another name.' : undefined)
  );
}

/** What had to be done for the new group, and under which names its limits were written; empty where nothing was. */
export function doneAlong({ also = [], translated = {} }: Pick<CallAnswer<'createGroup'>, 'also' | 'translated'>): string {
  const sentences = [
    ...also.map(({ group, asked }) => `${group} now hands down ${listed(asked.replaceAll('+', '').split(' '))}.`),
    ...Object.entries(translated).map(([asked, written]) => `${asked} was written as ${written}.`),
  ];
  return sentences.join(' ');
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
