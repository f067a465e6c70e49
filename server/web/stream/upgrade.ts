// The door of /api/v1/stream: the same checks as for any request, and then a WebSocket.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { invalidSentence } from '../../contract/invalid.ts';
import { ProblemError } from '../../contract/problems.ts';
import { type Access, requireRole } from '../access.ts';
import { rawResponse, refusalOf } from '../problems.ts';
import type { ClientOptions, StreamHub } from './hub.ts';

const STREAM_PATH = '/api/v1/stream';
/** Clients have nothing to say. */
const MAX_MESSAGE_BYTES = 4 * 1024;

const Query = z.strictObject({
  since: z
    .string()
    .regex(/^\d{1,15}$/, 'wants an event’s id, a whole number')
    .transform(Number)
    .optional(),
  format: z.enum(['binary', 'json']).default('binary'),
});

function admit(request: IncomingMessage, access: Access): ClientOptions {
  const url = URL.parse(request.url ?? '', 'http://here');
  access.guard.check(request.headers);
  if (url?.pathname !== STREAM_PATH) throw new ProblemError('not_found', `There is no WebSocket here: it is ${STREAM_PATH}.`);
  const actor = requireRole(access.identify(request), 'viewer');
  // Browsers always send it with a WebSocket; without it nothing tells whose page it is that uses the cookie.
  if (actor.session && request.headers.origin === undefined) {
    throw new ProblemError('forbidden', 'A WebSocket with a session cookie needs an Origin: scripts send "Authorization: Bearer <token>".');
  }
  const given = Object.fromEntries(url.searchParams);
  const query = Query.safeParse(given);
  if (!query.success) throw new ProblemError('invalid', invalidSentence(query.error, 'The query', given));
  return { actor, json: query.data.format === 'json', since: query.data.since };
}

export function serveStream(server: Server, hub: StreamHub, access: Access, log: FastifyBaseLogger): void {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES, clientTracking: false });

  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket;
    socket.on('error', () => socket.destroy());
    try {
      const options = admit(request, access);
      if (hub.isFull) throw new ProblemError('rate_limited', 'Too many streams are open: close one and try again.');
      sockets.handleUpgrade(request, socket, head, (accepted) => hub.add(accepted, options));
    } catch (error) {
      const refusal = refusalOf(error);
      log.info({ method: 'WEBSOCKET', path: request.url?.split('?', 1)[0], status: refusal.problem.status }, 'request failed');
      socket.end(rawResponse(refusal));
    }
  });
}
