// The endpoint /api/v1/stream and its query.
import { z } from 'zod';
import { ProblemError } from '../../contract/problems.ts';
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
