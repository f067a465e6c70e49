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

export class OutgoingFrame {
  readonly #frame: Frame;
  readonly #mirror: GroupMirror;
  readonly #pathOf: (gid: number) => string | undefined;
  #text: string | undefined;
  #bytes: Uint8Array | undefined;
  #summary: Uint8Array | undefined;
  /** Readings beside the summary, by gid; made once a detail is wanted. */
  #details: Map<number, Column[]> | undefined;
  readonly #encoded = new Map<string, Uint8Array>();

  /**
   * @param mirror the state after the frame
   * @param bytes the frame as it came from the agent
   * @param pathOf paths of the groups that it removes
   */
  constructor(frame: Frame, mirror: GroupMirror, bytes?: Uint8Array, pathOf: (gid: number) => string | undefined = () => undefined) {
    this.#frame = frame;
    this.#mirror = mirror;
    this.#bytes = bytes;
    this.#pathOf = pathOf;
  }

  for({ form, detail }: Wanted): Payload {
    switch (form) {
      case 'json':
        this.#text ??= JSON.stringify(toJsonFrame(this.#frame, this.#mirror, this.#pathOf));
        return [this.#text];
      case 'all':
        this.#bytes ??= encodeFrame(this.#frame);
        return [this.#bytes];
      case 'summary':
        this.#summary ??= this.#bytes ? summaryPart(this.#bytes) : encodeSummary(this.#frame);
        return detail === undefined ? [this.#summary] : [this.#summary, this.#detailOf(detail)];
    }
  }

  #detailOf(path: string): Uint8Array {
    let bytes = this.#encoded.get(path);
    if (!bytes) {
      this.#details ??= byGroup(this.#frame.columns.filter(({ key }) => !isInSummary(key)));
      const gid = this.#mirror.byPath(path)?.entry.gid;
      bytes = encodeDetail({ of: path, columns: (gid !== undefined && this.#details.get(gid)) || [] });
      this.#encoded.set(path, bytes);
    }
    return bytes;
  }
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

/** The present detail of a group, for a client that has its summary; undefined before the first frame. */
export function detailNow(mirror: GroupMirror, path: string): Payload | undefined {
  if (!mirror.head) return undefined;
  const group = mirror.byPath(path);
  const columns = new Columns();
  for (const [key, value] of Object.entries(group?.readings ?? {}))
    if (group && !isInSummary(key)) columns.add(group.entry.gid, key, value);
  const nothing = { ...mirror.head, full: false, groups: [], removed: [], columns: [] };
  return [encodeFrame({ ...nothing, adds: true, detail: { of: path, columns: columns.all } })];
}
