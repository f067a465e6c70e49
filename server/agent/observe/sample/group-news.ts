// What a tick reads of groups' files becomes changed readings, and marks on the groups that moved.
import { readFileSync } from 'node:fs';
import type { Change } from '../../../contract/frame.ts';
import type { Readings } from '../../../contract/readings.ts';
import type { EmitChange } from '../../kernel/files/file-readings.ts';
import type { FileNews } from '../../kernel/files/file-table.ts';
import { onDisk } from '../../kernel/hierarchy/disk-path.ts';
import type { Members } from '../watch/members.ts';
import { isMemberList, type SetFile } from './file-sets.ts';
import type { SampledGroup } from './sampled-group.ts';

export interface GroupNewsParts {
  /** A group's readings before this tick. */
  readonly known: (gid: number) => Readings | undefined;
  readonly members: Pick<Members, 'listed'>;
  readonly nowMs: number;
  /** Receives what has changed. */
  readonly changes: Change[];
  /** Receives the groups that have changed, other than new ones. */
  readonly moved: Set<SampledGroup>;
}

export class GroupNews implements FileNews<SampledGroup> {
  readonly #parts: GroupNewsParts;

  constructor(parts: GroupNewsParts) {
    this.#parts = parts;
  }

  changed(group: SampledGroup, index: number, bytes: Buffer, start: number, end: number): void {
    const { known, members, nowMs } = this.#parts;
    const one = group.set.files[index];
    if (!one) return;
    if (index === group.witness && !group.isNew) group.moved(nowMs);
    const before = group.parts[index] ?? -1;
    group.parts[index] = one.readings.take(bytes, start, end, before, known(group.gid), this.#emit(group, one));
    if (isMemberList(one.file)) members.listed(group.path, group.pathOf(index), bytes.subarray(start, end));
  }

  failed(group: SampledGroup, index: number): void {
    const one = group.set.files[index];
    one?.readings.absent(this.#parts.known(group.gid), this.#emit(group, one));
  }

  tooLong(group: SampledGroup, index: number): void {
    try {
      const bytes = readFileSync(onDisk(group.pathOf(index)));
      this.changed(group, index, bytes, 0, bytes.length);
    } catch {
      this.failed(group, index);
    }
  }

  #emit(group: SampledGroup, { file }: SetFile): EmitChange {
    const { changes, moved } = this.#parts;
    return (key, value) => {
      changes.push([group.gid, key, value]);
      group.isChanged = true;
      group.isQuiet = false;
      // The averages of pressure fall by themselves, for minutes.
      if (file.controller !== 'psi' && !group.isNew) moved.add(group);
    };
  }
}
