// The endpoint /api/v1/stream and its query: a WebSocket, and for clients whose proxy allows none, one answer with the same messages.
import { encode } from '@msgpack/msgpack';
import { z } from 'zod';
import { ProblemError } from '../../contract/problems.ts';
import { requireRole } from '../access.ts';
import type { App } from '../server-types.ts';
import { type Endpoint, readQuery } from '../web-sockets.ts';
import type { StreamHub } from './hub.ts';

/** No messages are expected. */
const MAX_MESSAGE_BYTES = 4 * 1024;

const Query = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$/, 'wants an event’s id, a whole number')
    .transform(Number)
    .optional(),
  format: z.enum(['binary', 'json']).default('binary'),
});

export function streamEndpoint(hub: StreamHub): Endpoint {
  return {
    path: '/api/v1/stream',
    maxMessageBytes: MAX_MESSAGE_BYTES,
    accept(actor, given) {
      const { format, since } = readQuery(Query, given);
      if (hub.isFullFor(actor.role)) throw new ProblemError('rate_limited', 'Too many streams are open: close one and try again.');
      return (socket) => hub.add(socket, { actor, json: format === 'json', since });
    },
  };
}

/** Asked by plain HTTP: an array of messages and frames, in msgpack or JSON. */
export function streamRoute(app: App, hub: StreamHub): void {
  app.get('/stream', { config: { role: 'viewer' } }, async (request, reply) => {
    const { format, since } = readQuery(Query, request.query as Readonly<Record<string, string>>);
    const json = format === 'json';
    const messages = await hub.once({ actor: requireRole(request.actor, 'viewer'), json, since });
    // Neither text nor bytes are serialized again.
    if (json) return reply.type('application/json; charset=utf-8').send(Buffer.from(`[${messages.join(',')}]`));
    return reply.type('application/vnd.msgpack').send(Buffer.from(encode(messages)));
  });
}
