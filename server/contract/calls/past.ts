// The calls about the past: the event log, and readings of the last ten minutes.
import { z } from 'zod';
import { addresses } from '../addresses.ts';
import { Series } from '../answers.ts';
import type { Call } from '../call.ts';
import { CallKey, Outcome } from '../call-key.ts';
import { eventKinds } from '../event-kinds.ts';
import { Event, EventGap } from '../events.ts';
import { GroupPath } from '../path-schemas.ts';

export const pastCalls = {
  outcome: {
    ...addresses.outcome,
    summary: 'What became of an act, by its Idempotency-Key; one that has not arrived by then will not be done',
    params: z.strictObject({ key: CallKey }),
    answer: Outcome,
  },
  events: {
    ...addresses.events,
    summary: 'The event log',
    params: z.strictObject({
      since: z.int().min(0).default(0),
      group: GroupPath.optional(),
      kind: z.enum(eventKinds).optional(),
      limit: z.int().min(1).max(10_000).default(1000),
    }),
    answer: z.object({
      events: z.array(Event),
      lastId: z.number(),
      /** Ranges of ids (both included) in which events of these kinds are missing, dropped or lost; absent if none are. */
      gaps: z.array(EventGap).optional(),
    }),
  },
  history: {
    ...addresses.history,
    summary: 'A group’s past readings',
    params: z.strictObject({
      group: GroupPath,
      /** Absent: all readings that have a history. */
      reading: z.array(z.string().max(128)).max(64).optional(),
      from: z.number().optional(),
      to: z.number().optional(),
      step: z.number().min(0.1).optional(),
    }),
    answer: z.object({ group: z.string(), inode: z.number(), series: z.array(Series) }),
  },
} as const satisfies Record<string, Call>;
