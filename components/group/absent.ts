// Why a group has no such control file: from the hierarchy’s rules, and on v2 from the group’s type, which is read once where it matters.
'use client';
import { findControlFile } from '../../server/contract/control-files.ts';
import type { GroupEntry } from '../../server/contract/frame.ts';
import { mayHave, whyAbsent } from '../../server/contract/presence.ts';
import { api } from '../live/api.ts';
import { useAnswer } from './use-answer.ts';

const TYPE = findControlFile('cgroup.type', 2);

/** The cgroup.type of a group of the unified tree that lacks a controller; undefined while it is not known, or where it does not matter. */
export function useGroupType(entry: GroupEntry, asked: boolean): string | undefined {
  const has = TYPE !== undefined && mayHave(entry, TYPE);
  const { data } = useAnswer(asked && has ? `${entry.path}:${entry.inode}:type` : undefined, () =>
    api.readFile({ path: entry.path, file: 'cgroup.type' }),
  );
  return data?.raw.trim();
}

/** In a sentence; undefined where the group can have the file, and for a name that the registry does not know. */
export function useWhyAbsent(entry: GroupEntry, name: string, version: 1 | 2): string | undefined {
  const file = findControlFile(name, version);
  const type = useGroupType(entry, version === 2 && file !== undefined && !mayHave(entry, file));
  return file && whyAbsent(entry, file, type);
}
