// The messages between agent and web process on the Unix socket: frames are binary (frame.ts), all others JSON.
import { z } from 'zod';
import { roles } from './call.ts';
import { CallKey } from './call-key.ts';
import { type CallName, calls } from './calls.ts';
import { Event } from './events.ts';
import { ProblemSchema } from './problem-schema.ts';

const callNames = Object.keys(calls) as [CallName, ...CallName[]];

/** web -> agent */
export const LinkRequest = z.object({
  id: z.number().int(),
  call: z.enum(callNames),
  params: z.unknown(),
  /** Of an act: done once, however often it comes. */
  key: CallKey.optional(),
  by: z.object({ role: z.enum(roles), name: z.string().max(128) }),
});
export type LinkRequest = z.infer<typeof LinkRequest>;

/** More are not read more often than others, so that viewers cannot make the agent read all. */
export const MOST_SHOWN = 100;

/** web -> agent with each frame: the groups that pages show, which are read at each tick. Not answered. */
export const LinkShown = z.object({ shown: z.array(z.string()).max(MOST_SHOWN) });
export type LinkShown = z.infer<typeof LinkShown>;

/** agent -> web, as JSON */
export const LinkMessage = z.discriminatedUnion('type', [
  /** The first message of a connection. `lastEventId` is the log's last; of the events that follow, none after `completeSince` is missing. */
  z.object({
    type: z.literal('hello'),
    host: z.string(),
    version: z.number(),
    epoch: z.string(),
    lastEventId: z.number(),
    completeSince: z.number(),
  }),
  z.object({ type: z.literal('answer'), host: z.string(), id: z.number(), result: z.unknown() }),
  z.object({ type: z.literal('problem'), host: z.string(), id: z.number(), problem: ProblemSchema }),
  z.object({ type: z.literal('event'), host: z.string(), event: Event }),
]);
export type LinkMessage = z.infer<typeof LinkMessage>;

export const LINK_VERSION = 1;
