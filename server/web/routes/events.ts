// The past: the event log, and the readings of the last minutes.
import { z } from 'zod';
import { calls } from '../../contract/calls.ts';
import type { AgentLink } from '../agent-link.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const { since, limit } = calls.events.params.shape;
/** The call's parameters as a query spells them: every value is a text. */
const EventsQuery = calls.events.params.extend({
  since: z.coerce.number().pipe(since.unwrap()).default(0),
  limit: z.coerce.number().pipe(limit.unwrap()).default(1000),
});

const Reading = z.string().max(128);
const HistoryQuery = calls.history.params.omit({ readings: true }).extend({
  reading: z
    .union([Reading, z.array(Reading).max(64)])
    .optional()
    .meta({ description: 'A reading’s name; may be repeated. All that have a history where absent.' }),
  from: z.coerce.number().optional(),
  to: z.coerce.number().optional(),
  step: z.coerce.number().min(0.1).optional(),
});

export function eventRoutes(app: App, agent: AgentLink): void {
  app.get(
    '/events',
    {
      config: roleOf('events'),
      schema: { summary: 'The event log', querystring: EventsQuery, response: { 200: calls.events.answer, ...problems } },
    },
    (request) => agent.call('events', request.query, callerOf(request)),
  );

  app.get(
    '/history',
    {
      config: roleOf('history'),
      schema: { summary: 'A group’s past readings', querystring: HistoryQuery, response: { 200: calls.history.answer, ...problems } },
    },
    (request) => {
      const { reading, ...params } = request.query;
      const readings = typeof reading === 'string' ? [reading] : reading;
      return agent.call('history', { ...params, ...(readings === undefined ? {} : { readings }) }, callerOf(request));
    },
  );
}
