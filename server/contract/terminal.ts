// What page and server say to each other over WS /api/v1/terminal?group=&id=, and the web process to the agent: binary messages are the terminal's own bytes.
import { z } from 'zod';
import { LaunchId } from './launched.ts';
import { GroupPath } from './paths.ts';
import { Problem } from './problems.ts';

export const TerminalQuery = z.strictObject({ group: GroupPath, id: LaunchId.default('main') });
export type TerminalQuery = z.output<typeof TerminalQuery>;

/** A terminal's size is what its last watcher who may type has; each side at most what winsize (ioctl_tty(2)) holds. */
const Cells = z.int().min(1).max(1000);

/** client -> server, as text. Binary messages are input. */
export const TerminalRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resize'), columns: Cells, rows: Cells }),
  /** So many bytes of output have been shown since the last ack: the server keeps at most WINDOW_BYTES on the way. */
  z.strictObject({ type: z.literal('ack'), bytes: z.int().min(1) }),
]);
export type TerminalRequest = z.infer<typeof TerminalRequest>;

/** server -> client, as text. Binary messages are output. */
export const TerminalMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('begin'), mayType: z.boolean() }),
  /** The output so far was said before, and nobody waits for an answer to it; what follows is said now. */
  z.object({ type: z.literal('live') }),
  /** The program is gone and everything that it said has been sent. */
  z.object({ type: z.literal('end') }),
  z.object({ type: z.literal('problem'), problem: Problem }),
]);
export type TerminalMessage = z.infer<typeof TerminalMessage>;

/** Output that may be on its way to a client before it has acked some. */
export const WINDOW_BYTES = 256 * 1024;
/** The longest input message: a paste. */
export const MAX_INPUT_BYTES = 64 * 1024;
