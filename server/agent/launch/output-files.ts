// Reads what a launch's monitor keeps of its output: chunks in a ring of two files (native/launch/README.md).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { outputStreams } from '../../contract/launched.ts';
import { ProblemError } from '../../contract/problems.ts';

/** What one part of a download brings. */
const PART_BYTES = 256 * 1024;
const HEADER_BYTES = 16;
/** The monitor reads a pipe by so many bytes at most; a header that says more is none. */
const LONGEST_CHUNK = 64 * 1024;

/** As the monitor numbers them. */
export type Stream = (typeof outputStreams)[number];

export interface RawChunk {
  /** Wall clock, ms. */
  readonly time: number;
  readonly stream: Stream;
  readonly bytes: Buffer;
}

/** A chunk's header at a place; undefined for what is none. */
function headerAt(bytes: Buffer, at: number): { time: number; length: number; stream: Stream } | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const stream = outputStreams[bytes.readUInt8(at + 12)];
  const length = bytes.readUInt32LE(at + 8);
  if (stream === undefined || bytes.readUIntLE(at + 13, 3) !== 0 || length === 0 || length > LONGEST_CHUNK) return undefined;
  return { time: Number(bytes.readBigUInt64LE(at)) / 1000, length, stream };
}

/** Whether a chunk begins there, or the writer has not come so far yet. */
export function isBetweenChunks(bytes: Buffer, at: number): boolean {
  return bytes.length - at < HEADER_BYTES || headerAt(bytes, at) !== undefined;
}

/** Whole chunks from a place on; one that is still being written is left out. @returns where the last whole one ends */
export function parseChunks(bytes: Buffer, from: number, take: (chunk: RawChunk) => void): number {
  for (let at = from; ; ) {
    const header = headerAt(bytes, at);
    if (!header) return at;
    const end = at + HEADER_BYTES + header.length;
    if (end > bytes.length) return at;
    take({ time: header.time, stream: header.stream, bytes: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
}

/**
 * Where the first chunk begins in the tail of a file: the first place from which headers lead on to the tail's end.
 * What a program writes might look like headers, but that spoils its own display only.
 */
export function firstChunkIn(tail: Buffer): number {
  for (let start = 0; start + HEADER_BYTES <= tail.length; start++) {
    let at = start;
    let header = headerAt(tail, at);
    while (header && at + HEADER_BYTES + header.length <= tail.length) {
      at += HEADER_BYTES + header.length;
      header = headerAt(tail, at);
    }
    const rest = tail.length - at;
    // The last one may be half written: a whole header with fewer bytes behind it, or less than a header.
    if (at > start && (header !== undefined || rest < HEADER_BYTES)) return start;
  }
  return tail.length;
}

export interface OpenFile {
  readonly fd: number;
  readonly size: number;
  readonly inode: bigint;
}

function openIf(path: string): OpenFile | undefined {
  try {
    const fd = openSync(path, 'r');
    const { size, ino } = fstatSync(fd, { bigint: true });
    return { fd, size: Number(size), inode: ino };
  } catch {
    // None yet, or at this moment between two of them.
    return undefined;
  }
}

export function readPiece({ fd }: OpenFile, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, at));
}

/** Both files of a ring, oldest first, open while `use` runs. */
export function withRing<T>(dir: string, use: (files: readonly OpenFile[]) => T): T {
  const newer = openIf(join(dir, 'output'));
  const older = openIf(join(dir, 'output.1'));
  // If the ring turned between the two, both names meant the same file: it is the older one.
  const files = [older, newer].flatMap((file, i) => (file && !(i === 1 && file.inode === older?.inode) ? [file] : []));
  try {
    return use(files);
  } finally {
    if (newer) closeSync(newer.fd);
    if (older) closeSync(older.fd);
  }
}

/**
 * A part of everything that is on disk, without headers.
 * @param at "<inode>:<offset>", as the part before named it; undefined: from the beginning
 * @throws ProblemError conflict where the ring has turned past that place
 */
export function readPart(dir: string, stream: 'all' | 'out' | 'err', at: string | undefined): { bytes: Buffer; next?: string } {
  return withRing(dir, (files) => {
    const [inode, offset] = at?.split(':') ?? [];
    const place = inode === undefined ? 0 : files.findIndex((file) => String(file.inode) === inode);
    const file = files[place];
    if (!file) {
      if (at === undefined) return { bytes: Buffer.alloc(0) };
      throw new ProblemError(
        'conflict',
        'The program writes faster than its output was fetched: what came next is gone. Start the download again.',
      );
    }
    const from = Number(offset ?? 0);
    const piece = readPiece(file, from, Math.min(PART_BYTES + HEADER_BYTES + LONGEST_CHUNK, Math.max(0, file.size - from)));
    const wanted: Buffer[] = [];
    const end = parseChunks(piece, 0, (chunk) => {
      if (stream === 'all' || chunk.stream === stream) wanted.push(chunk.bytes);
    });
    const following = files[place + 1];
    const next = end > 0 ? `${file.inode}:${from + end}` : following && `${following.inode}:0`;
    return { bytes: Buffer.concat(wanted), ...(next === undefined ? {} : { next }) };
  });
}
