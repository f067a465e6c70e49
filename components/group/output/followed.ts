// Known output with new output added: no more of it than the agent would send to a new page.
import type { CallAnswer } from '../../../server/contract/calls.ts';
import { SHOWN_OUTPUT_BYTES } from '../../../server/contract/launch-options.ts';
import type { OutputChunk } from '../../../server/contract/launched.ts';

export type Output = CallAnswer<'output'>;

const encoder = new TextEncoder();

/** @returns the same object if nothing is new */
export function followed(before: Output | undefined, now: Output): Output {
  if (!before || !now.continues) return now;
  // Two requests for the same part both bring it.
  if (now.next === before.next) return before;
  const chunks: OutputChunk[] = [...before.chunks, ...now.chunks];
  let bytes = before.bytes + now.bytes;
  const truncated = before.truncated || bytes > SHOWN_OUTPUT_BYTES;
  while (bytes > SHOWN_OUTPUT_BYTES && chunks.length > 1) bytes -= encoder.encode(chunks.shift()?.text).length;
  // The size kept also counts headers, where there is more output than is shown.
  return { ...now, chunks, bytes, truncated, keptBytes: now.keptBytes > SHOWN_OUTPUT_BYTES ? now.keptBytes : bytes };
}
