// Makes text of output chunks: joins those of one stream that come at the same moment, and characters that were split between chunks.
import { type OutputChunk, outputStreams } from '../../contract/launched.ts';
import type { RawChunk, Stream } from './output-files.ts';

/** Chunks of a stream within this time are shown as one. */
const SAME_MOMENT_MS = 10;
const LONGEST_CHARACTER = 4;
const NONE = Buffer.alloc(0);

/** The first bytes of a character whose rest has not come yet, by stream. */
export type Begun = Partial<Record<Stream, Buffer>>;

/** Splits off an incomplete UTF-8 character at the end. */
function cutAtCharacter(bytes: Buffer): readonly [Buffer, Buffer] {
  for (let back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? [bytes.subarray(0, -back), bytes.subarray(-back)] : [bytes, NONE];
  }
  return [bytes, NONE];
}

/** Without the rest of a character whose first bytes were cut off, at the beginning of each stream. */
export function fromCharacter(raw: readonly RawChunk[]): RawChunk[] {
  const seen = new Set<Stream>();
  return raw.map((chunk) => {
    if (seen.has(chunk.stream)) return chunk;
    seen.add(chunk.stream);
    const first = chunk.bytes.subarray(0, LONGEST_CHARACTER).findIndex((byte) => (byte & 0xc0) !== 0x80);
    // Four of them are no character at all.
    return first <= 0 ? chunk : { ...chunk, bytes: chunk.bytes.subarray(first) };
  });
}

/**
 * @param begun the incomplete characters from earlier chunks; replaced by those after these
 * @param hasEnded whether no more comes, so that what is incomplete stays so
 */
export function joinChunks(raw: readonly RawChunk[], begun: Begun = {}, hasEnded = false): OutputChunk[] {
  const chunks: OutputChunk[] = [];
  for (const { time, stream, bytes } of raw) {
    const [whole, rest] = cutAtCharacter(Buffer.concat([begun[stream] ?? NONE, bytes]));
    begun[stream] = rest;
    const text = whole.toString();
    const last = chunks.at(-1);
    if (text === '') continue;
    if (last?.stream === stream && time - last.time < SAME_MOMENT_MS && time >= last.time) last.text += text;
    else chunks.push({ time, stream, text });
  }
  for (const stream of hasEnded ? outputStreams : []) {
    const text = begun[stream]?.toString() ?? '';
    if (text !== '') chunks.push({ time: raw.at(-1)?.time ?? Date.now(), stream, text });
    begun[stream] = NONE;
  }
  return chunks;
}

/** As a part of a position in the output: ":out=c3:err=e282". */
export function begunText(begun: Begun): string {
  return outputStreams.map((stream) => (begun[stream]?.length ? `:${stream}=${begun[stream].toString('hex')}` : '')).join('');
}

export function parseBegun(text: string): Begun {
  const begun: Begun = {};
  for (const stream of outputStreams) {
    const hex = new RegExp(`:${stream}=([0-9a-f]+)`).exec(text)?.[1];
    if (hex !== undefined) begun[stream] = Buffer.from(hex, 'hex');
  }
  return begun;
}
