// A new group as a request and in words: its limits by this machine’s names, the leaf that v2 may need, and what was done along with it.
import type { CallAnswer, CallInput } from '../../server/contract/calls.ts';
import { joinPath, newNameFault, parentPath } from '../../server/contract/paths.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { keyOn } from '../../server/contract/quantities.ts';

export interface NewGroup {
  readonly path: string;
  /** Sizes and a count as typed; empty for no limit. */
  readonly hard: string;
  readonly soft: string;
  readonly tasks: string;
  /** The leaf for the parent’s own processes. */
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
 * The group whose processes would first have to move into a leaf: on v2 a group with processes enables no controllers for groups below it.
 * @returns undefined if the refusal has another reason, or concerns another group than the parent, where a leaf would not help
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
  return newNameFault(leaf) ?? (leafPath(path, leaf) === path ? 'The leaf is a second group: give it another name.' : undefined);
}

/** What else was done for the new group, and the files its limits were written to; empty for nothing. */
export function doneAlong({ also = [], translated = {} }: Pick<CallAnswer<'createGroup'>, 'also' | 'translated'>): string {
  const sentences = [
    ...also.map(({ group, asked }) => `${group} now enables ${listed(asked.replaceAll('+', '').split(' '))} for the groups below it.`),
    ...Object.entries(translated).map(([asked, written]) => `${asked} was written as ${written}.`),
  ];
  return sentences.join(' ');
}

function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}
