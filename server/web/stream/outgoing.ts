// A frame as each kind of client gets it: every part is encoded at most once, and its bytes are shared by all sockets.
import { type Column, Columns } from '../../contract/columns.ts';
import { encodeDetail, encodeFrame, encodeSummary, type Frame, summaryPart } from '../../contract/frame.ts';
import type { GroupMirror } from '../../contract/mirror.ts';
import { toJsonFrame } from '../../contract/stream.ts';
import { isInSummary } from '../../contract/summary.ts';

/** What a client wants of each frame: as text or as bytes, all readings, or the summary with the detail of at most one group. */
export interface Wanted {
  readonly form: 'json' | 'all' | 'summary';
  readonly detail?: string | undefined;
}

/** One message, in parts. */
export type Payload = readonly (Uint8Array | string)[];

/** How each part is made; it is done once it is wanted. */
interface Making {
  readonly text: () => string;
  readonly all: () => Uint8Array;
  readonly summary: () => Uint8Array;
  readonly detail: (path: string) => readonly Column[];
}

export class Outgoing {
  readonly #making: Making;
  #text: string | undefined;
  #all: Uint8Array | undefined;
  #summary: Uint8Array | undefined;
  readonly #details = new Map<string, Uint8Array>();

  constructor(making: Making) {
    this.#making = making;
  }

  for({ form, detail }: Wanted): Payload {
    switch (form) {
      case 'json':
        this.#text ??= this.#making.text();
        return [this.#text];
      case 'all':
        this.#all ??= this.#making.all();
        return [this.#all];
      case 'summary':
        this.#summary ??= this.#making.summary();
        return detail === undefined ? [this.#summary] : [this.#summary, this.#detailOf(detail)];
    }
  }

  #detailOf(path: string): Uint8Array {
    let bytes = this.#details.get(path);
    if (!bytes) {
      bytes = encodeDetail({ of: path, columns: this.#making.detail(path) });
      this.#details.set(path, bytes);
    }
    return bytes;
  }
}

/**
 * One tick's changes.
 * @param mirror the state after it
 * @param bytes the frame as it came from the agent
 * @param pathOf paths of the groups that it removes
 */
export function outgoingTick(frame: Frame, bytes: Uint8Array, mirror: GroupMirror, pathOf: (gid: number) => string | undefined): Outgoing {
  let details: Map<number, Column[]> | undefined;
  return new Outgoing({
    text: () => JSON.stringify(toJsonFrame(frame, mirror, pathOf)),
    all: () => bytes,
    summary: () => summaryPart(bytes),
    detail: (path) => {
      details ??= byGroup(frame.columns.filter(({ key }) => !isInSummary(key)));
      return details.get(mirror.byPath(path)?.entry.gid ?? -1) ?? [];
    },
  });
}

/** The whole state, for a client that begins or has missed frames; undefined before the first frame. Use it before the next one. */
export function outgoingState(mirror: GroupMirror): Outgoing | undefined {
  if (!mirror.head) return undefined;
  const state = (isWanted?: (key: string) => boolean) => {
    const frame = mirror.full(isWanted);
    if (!frame) throw new Error('there is no state yet');
    return frame;
  };
  return new Outgoing({
    text: () => JSON.stringify(toJsonFrame(state(), mirror, () => undefined)),
    all: () => encodeFrame(state()),
    summary: () => encodeSummary(state(isInSummary)),
    detail: (path) => detailOf(mirror, path),
  });
}

/** The present detail of a group, for a client that has its summary; undefined before the first frame. */
export function outgoingDetail(mirror: GroupMirror, path: string): Payload | undefined {
  if (!mirror.head) return undefined;
  const nothing = { ...mirror.head, full: false, groups: [], removed: [], columns: [] };
  return [encodeFrame({ ...nothing, adds: true, detail: { of: path, columns: detailOf(mirror, path) } })];
}

function detailOf(mirror: GroupMirror, path: string): Column[] {
  const columns = new Columns();
  const group = mirror.byPath(path);
  for (const key in group?.readings) if (!isInSummary(key)) columns.add(group.entry.gid, key, group.readings[key] ?? null);
  return columns.all;
}

function byGroup(columns: readonly Column[]): Map<number, Column[]> {
  const groups = new Map<number, Column[]>();
  for (const { key, gids, values } of columns) {
    for (const [i, gid] of gids.entries()) {
      const own = groups.get(gid) ?? [];
      groups.set(gid, own);
      own.push({ key, gids: [gid], values: [values[i] ?? null] });
    }
  }
  return groups;
}
