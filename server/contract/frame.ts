// The changes of one tick as bytes. They are encoded once, in parts that are forwarded unchanged: the summary, which every page gets, and the other readings.
import { decode, encode } from '@msgpack/msgpack';
import { type Column, type PackedColumn, packColumns, unpackColumns } from './columns.ts';
import { isInSummary } from './summary.ts';

export type { Change } from './columns.ts';

/** Raised with every change of the format; a page that receives another version asks to be loaded again. */
export const FRAME_VERSION = 2;

export interface GroupEntry {
  /** Stands for the path until the group is removed; never reused within one run of the agent. */
  readonly gid: number;
  readonly path: string;
  /** Inode of the directory in its first hierarchy: it tells a new group from an old one of the same name. */
  readonly inode: number;
  /** Whether cgdeck may write to it. */
  readonly managed: boolean;
  /** Whether it holds cgdeck itself or pid 1, which are never frozen, killed or limited. */
  readonly self: boolean;
  /** The controllers of the hierarchies that have it, and "unified". */
  readonly controllers: readonly string[];
}

export interface TickHealth {
  readonly intervalMs: number;
  /** How long the reading took. */
  readonly durationMs: number;
  /** Ticks since the agent's start that began more than a tenth of the interval late, or were skipped. */
  readonly late: number;
}

/** Readings of one group that the summary lacks. */
export interface Detail {
  readonly of: string;
  readonly columns: readonly Column[];
}

export interface FrameHead {
  readonly host: string;
  /** Changes when the agent restarts, which numbers its groups again. */
  readonly epoch: string;
  readonly seq: number;
  /** Wall clock, ms since 1970. */
  readonly timeMs: number;
  /** Monotonic clock, ms; rates use it. */
  readonly monoMs: number;
  /** True: the whole state, which replaces all before. */
  readonly full: boolean;
  readonly tick: TickHealth;
}

export interface Frame extends FrameHead {
  /** It adds a detail to the state of this seq, and does not follow it. */
  readonly adds?: true;
  /** Groups that are new or whose entry changed. */
  readonly groups: readonly GroupEntry[];
  /** gids of removed groups. */
  readonly removed: readonly number[];
  readonly columns: readonly Column[];
  /** For a client that has only the summary otherwise. */
  readonly detail?: Detail;
}

interface FirstPart extends Omit<Frame, 'columns' | 'groups' | 'detail'> {
  readonly version: number;
  /** The last is the place of its controllers in `controllers`: most groups have the same. */
  readonly groups: readonly (readonly [number, string, number, boolean, boolean, number])[];
  readonly controllers: readonly (readonly string[])[];
  readonly columns: readonly PackedColumn[];
}

/** @param of the group whose detail it is; absent: readings of all groups */
interface FurtherPart {
  readonly of?: string;
  readonly columns: readonly PackedColumn[];
}

/** Before each part: its length, little endian. */
const LENGTH_BYTES = 4;

function part(content: FirstPart | FurtherPart): Uint8Array {
  const bytes = encode(content);
  const whole = new Uint8Array(LENGTH_BYTES + bytes.length);
  new DataView(whole.buffer).setUint32(0, bytes.length, true);
  whole.set(bytes, LENGTH_BYTES);
  return whole;
}

export function joinParts(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const one of parts) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}

/** The first part alone: a frame for those who get the summary. */
export function encodeSummary({ columns, groups, detail: _, ...head }: Frame): Uint8Array {
  const controllers = new Map(groups.map((group) => [group.controllers.join(), group.controllers]));
  const places = new Map([...controllers.keys()].map((names, place) => [names, place]));
  return part({
    ...head,
    version: FRAME_VERSION,
    groups: groups.map((g) => [g.gid, g.path, g.inode, g.managed, g.self, places.get(g.controllers.join()) ?? 0]),
    controllers: [...controllers.values()],
    columns: packColumns(columns.filter(({ key }) => isInSummary(key))),
  });
}

/** A part that follows the summary. */
export function encodeDetail({ of, columns }: Detail): Uint8Array {
  return part({ of, columns: packColumns(columns) });
}

export function encodeFrame(frame: Frame): Uint8Array {
  const summary = encodeSummary(frame);
  const others = frame.columns.filter(({ key }) => !isInSummary(key));
  return joinParts(
    summary,
    ...(others.length === 0 ? [] : [part({ columns: packColumns(others) })]),
    ...(frame.detail ? [encodeDetail(frame.detail)] : []),
  );
}

function lengthAt(bytes: Uint8Array, at: number): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
  if (at + LENGTH_BYTES + length > bytes.length) throw new Error('a frame is cut off');
  return LENGTH_BYTES + length;
}

/** The summary of an encoded frame, itself one: the same memory. */
export function summaryPart(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, lengthAt(bytes, 0));
}

/** @throws Error if the bytes are not a frame of this version */
export function decodeFrame(bytes: Uint8Array): Frame {
  const first = summaryPart(bytes);
  const wire = decode(first.subarray(LENGTH_BYTES)) as FirstPart;
  if (wire?.version !== FRAME_VERSION) throw new Error(`frame version ${String(wire?.version)}, this side speaks ${FRAME_VERSION}`);
  const { groups, controllers, columns: packed, version: _, ...head } = wire;
  const columns = unpackColumns(packed);
  let detail: Detail | undefined;
  for (let at = first.length; at < bytes.length; ) {
    const length = lengthAt(bytes, at);
    const further = decode(bytes.subarray(at + LENGTH_BYTES, at + length)) as FurtherPart;
    const unpacked = unpackColumns(further.columns);
    if (further.of === undefined) columns.push(...unpacked);
    else detail = { of: further.of, columns: unpacked };
    at += length;
  }
  return {
    ...head,
    groups: groups.map(([gid, path, inode, managed, self, at]) => ({
      gid,
      path,
      inode,
      managed,
      self,
      controllers: controllers[at] ?? [],
    })),
    columns,
    ...(detail ? { detail } : {}),
  };
}
