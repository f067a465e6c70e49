// The changes of one tick as bytes: columns of numbers in a msgpack envelope, encoded once and forwarded unchanged.
import { decode, encode } from '@msgpack/msgpack';
import type { ReadingValue } from './readings.ts';

/** Raised with every change of the format; a page that receives another version asks to be loaded again. */
export const FRAME_VERSION = 1;

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

/** A changed reading; null: the reading no longer exists. */
export type Change = readonly [gid: number, key: string, value: ReadingValue | null];

export interface Frame {
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
  /** Groups that are new or whose entry changed. */
  readonly groups: readonly GroupEntry[];
  /** gids of removed groups. */
  readonly removed: readonly number[];
  readonly changes: readonly Change[];
}

interface WireFrame extends Omit<Frame, 'changes' | 'groups'> {
  readonly version: number;
  readonly groups: readonly (readonly [number, string, number, boolean, boolean, readonly string[]])[];
  /** The keys of this frame; columns refer to them by index. */
  readonly keys: readonly string[];
  /** Pairs of Uint32: gid, index of the key. */
  readonly numberAt: Uint8Array;
  /** Float64 each; NaN: removed; Infinity: "max". */
  readonly numbers: Uint8Array;
  readonly wordAt: readonly number[];
  readonly words: readonly string[];
}

function bytesOf(view: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

export function encodeFrame(frame: Frame): Uint8Array {
  const { changes, groups, ...head } = frame;
  const places = new Map<string, number>();
  const keys: string[] = [];
  const at = new Uint32Array(changes.length * 2);
  const numbers = new Float64Array(changes.length);
  const wordAt: number[] = [];
  const words: string[] = [];
  let count = 0;
  for (const [gid, key, value] of changes) {
    let place = places.get(key);
    if (place === undefined) {
      place = keys.length;
      places.set(key, place);
      keys.push(key);
    }
    if (typeof value === 'string' && value !== 'max') {
      wordAt.push(gid, place);
      words.push(value);
      continue;
    }
    at[count * 2] = gid;
    at[count * 2 + 1] = place;
    numbers[count++] = value === null ? Number.NaN : value === 'max' ? Number.POSITIVE_INFINITY : (value as number);
  }
  const wire: WireFrame = {
    ...head,
    version: FRAME_VERSION,
    groups: groups.map((g) => [g.gid, g.path, g.inode, g.managed, g.self, g.controllers]),
    keys,
    numberAt: bytesOf(at.subarray(0, count * 2)),
    numbers: bytesOf(numbers.subarray(0, count)),
    wordAt,
    words,
  };
  return encode(wire);
}

/** @throws Error if the bytes are not a frame of this version */
export function decodeFrame(bytes: Uint8Array): Frame {
  const wire = decode(bytes) as WireFrame;
  if (wire?.version !== FRAME_VERSION) throw new Error(`frame version ${String(wire?.version)}, this side speaks ${FRAME_VERSION}`);
  const { groups, keys, numberAt, numbers, wordAt, words, version: _, ...head } = wire;
  // Copied, since typed arrays need aligned memory. Not by slice(), which on a Node Buffer copies nothing.
  const at = new Uint32Array(new Uint8Array(numberAt).buffer);
  const values = new Float64Array(new Uint8Array(numbers).buffer);
  const changes: Change[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? Number.NaN;
    changes.push([
      at[i * 2] ?? 0,
      keys[at[i * 2 + 1] ?? 0] ?? '',
      Number.isNaN(value) ? null : value === Number.POSITIVE_INFINITY ? 'max' : value,
    ]);
  }
  for (let i = 0; i < words.length; i++) changes.push([wordAt[i * 2] ?? 0, keys[wordAt[i * 2 + 1] ?? 0] ?? '', words[i] ?? '']);
  return {
    ...head,
    groups: groups.map(([gid, path, inode, managed, self, controllers]) => ({ gid, path, inode, managed, self, controllers })),
    changes,
  };
}
