// The endpoint /api/v1/stream and its query: a WebSocket, and for clients whose proxy allows none, one answer with the same messages.
import { encode } from '@msgpack/msgpack';
import { z } from 'zod';
import { ProblemError } from '../../contract/problems.ts';
import { requireRole } from '../access.ts';
import type { App } from '../server-types.ts';
import { type Endpoint, readQuery } from '../web-sockets.ts';
import type { ClientOptions, StreamHub } from './hub.ts';

/** A beat, or the name of a group. */
const MAX_MESSAGE_BYTES = 4 * 1024;

const Query = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$/, 'wants an event’s id, a whole number')
    .transform(Number)
    .optional(),
  format: z.enum(['binary', 'json']).default('binary'),
  /** The summary: of the groups what every page needs of each; with `group`, and all readings of that one. Binary alone. */
  readings: z.enum(['all', 'summary']).default('all'),
  group: z.string().max(4096).optional(),
});

/** @throws ProblemError invalid */
function optionsOf(given: Readonly<Record<string, string>>): Omit<ClientOptions, 'actor'> {
  const { format, since, readings, group } = readQuery(Query, given);
  if (format === 'json' && readings === 'summary')
    throw new ProblemError('invalid', 'format=json has all readings: leave out readings=summary.');
  if (group !== undefined && readings !== 'summary')
    throw new ProblemError('invalid', 'group goes with readings=summary: without it all groups are sent.');
  const form = readings === 'summary' ? 'summary' : format === 'json' ? 'json' : 'all';
  return { since, wanted: { form, detail: group } };
}

export function streamEndpoint(hub: StreamHub): Endpoint {
  return {
    path: '/api/v1/stream',
    maxMessageBytes: MAX_MESSAGE_BYTES,
    accept(actor, given) {
      const options = optionsOf(given);
      if (hub.isFullFor(actor.role)) throw new ProblemError('rate_limited', 'Too many streams are open: close one and try again.');
      return (socket) => hub.add(socket, { actor, ...options });
    },
  };
}

/** Asked by plain HTTP: an array of messages and frames, in msgpack or JSON. */
export function streamRoute(app: App, hub: StreamHub): void {
  app.get('/stream', { config: { role: 'viewer' } }, async (request, reply) => {
    const options = optionsOf(request.query as Readonly<Record<string, string>>);
    const messages = await hub.once({ actor: requireRole(request.actor, 'viewer'), ...options });
    // Neither text nor bytes are serialized again.
    if (options.wanted.form === 'json') return reply.type('application/json; charset=utf-8').send(Buffer.from(`[${messages.join(',')}]`));
    return reply.type('application/vnd.msgpack').send(Buffer.from(encode(messages)));
  });
}
