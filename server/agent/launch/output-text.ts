// Chunks of output as text: those of a stream that come together as one, and characters that were cut in two whole again.
import { type OutputChunk, outputStreams } from '../../contract/launched.ts';
import type { RawChunk, Stream } from './output-files.ts';

/** Chunks of a stream so close together are shown as one. */
const SAME_MOMENT_MS = 10;
const LONGEST_CHARACTER = 4;
const NONE = Buffer.alloc(0);

/** The bytes of a character of which the rest has not come yet, by stream. */
export type Begun = Partial<Record<Stream, Buffer>>;

/** Bytes without, and those of, a character at their end that is not whole (UTF-8). */
function cutAtCharacter(bytes: Buffer): readonly [Buffer, Buffer] {
  for (let back = 1; back < LONGEST_CHARACTER && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? [bytes.subarray(0, -back), bytes.subarray(-back)] : [bytes, NONE];
  }
  return [bytes, NONE];
}

/** @param begun what the chunks before these have left; it is left as these leave it */
export function joinChunks(raw: readonly RawChunk[], begun: Begun = {}): OutputChunk[] {
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
  return chunks;
}

/** As a part of a place in the output: ":out=c3:err=e282". */
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
