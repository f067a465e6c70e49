// The messages of WS /api/v1/terminal?group=&inode=&id=, also between web process and agent: binary messages are the terminal's bytes.
import { z } from 'zod';
import { LaunchId } from './launched.ts';
import { GroupPath, Inode } from './path-schemas.ts';
import { ProblemSchema } from './problem-schema.ts';

export const TerminalQuery = z.strictObject({
  group: GroupPath,
  /** The group that is meant, as text in an address: the terminal of another with its name is not opened (replaced). */
  inode: z.coerce.number().pipe(Inode).optional(),
  id: LaunchId.default('main'),
});
export type TerminalQuery = z.output<typeof TerminalQuery>;

/** How a page opens one: it may name its screen, whose typed bytes are then counted over all of its connections. */
export const TerminalOpening = TerminalQuery.extend({
  screen: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'wants 32 hexadecimal digits')
    .optional(),
});
export type TerminalOpening = z.output<typeof TerminalOpening>;

/** A terminal has the size of the screen of the operator who resized it last. */
const Cells = z.int().min(1).max(1000);
const size = { columns: Cells, rows: Cells };
export type TerminalSize = { readonly columns: number; readonly rows: number };

/** client -> server, as text. Binary messages are input. */
export const TerminalRequest = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('resize'), ...size }),
  /** Bytes of output shown since the last ack: the server sends at most WINDOW_BYTES ahead. */
  z.strictObject({ type: z.literal('ack'), bytes: z.int().min(1) }),
  /** Answered by the same: each side knows that the other is there. */
  z.strictObject({ type: z.literal('beat') }),
]);
export type TerminalRequest = z.infer<typeof TerminalRequest>;

/** server -> client, as text. Binary messages are output. */
export const TerminalMessage = z.discriminatedUnion('type', [
  /** A replay follows. Also later, if the client has missed output because it acked too slowly: its screen starts over. */
  z.object({
    type: z.literal('begin'),
    mayType: z.boolean(),
    /** Another run of the program has another; what was typed for one is not for the next. */
    run: z.string().optional(),
    /** Bytes that were typed on this screen and passed on to this run; absent where that is not known. */
    taken: z.int().min(0).optional(),
  }),
  /** End of the replay: output before it needs no answers from the terminal, output after it is new. */
  z.object({ type: z.literal('live') }),
  /** The program has ended and all of its output has been sent. */
  z.object({ type: z.literal('end') }),
  /** With the typed bytes passed on so far, if the page has named its screen. */
  z.object({ type: z.literal('beat'), taken: z.int().min(0).optional() }),
  /** Another screen has resized the terminal. */
  z.object({ type: z.literal('size'), ...size }),
  z.object({ type: z.literal('problem'), problem: ProblemSchema }),
]);
export type TerminalMessage = z.infer<typeof TerminalMessage>;
