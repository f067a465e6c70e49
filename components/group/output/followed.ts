// The output that is known, with what has come since: no more of it than the agent would show anew.
import type { CallAnswer } from '../../../server/contract/calls.ts';
import { type OutputChunk, SHOWN_OUTPUT_BYTES } from '../../../server/contract/launched.ts';

export type Output = CallAnswer<'output'>;

const encoder = new TextEncoder();

/** @returns what was known before, the same object, where nothing has come */
export function followed(before: Output | undefined, now: Output): Output {
  if (!before || !now.continues) return now;
  // What was asked for twice at once comes twice.
  if (now.next === before.next) return before;
  const chunks: OutputChunk[] = [...before.chunks, ...now.chunks];
  let bytes = before.bytes + now.bytes;
  while (bytes > SHOWN_OUTPUT_BYTES && chunks.length > 1) bytes -= encoder.encode(chunks.shift()?.text).length;
  // What is kept counts its headers as well, where there is more of it than is shown.
  return { ...now, chunks, bytes, keptBytes: now.keptBytes > SHOWN_OUTPUT_BYTES ? now.keptBytes : bytes };
}
