// Accepts WebSockets: the same checks as for any request, and then the endpoint that the path names.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger } from 'fastify';
import { type WebSocket, WebSocketServer } from 'ws';
import type { z } from 'zod';
import { invalidSentence } from '../contract/invalid.ts';
import { ProblemError } from '../contract/problems.ts';
import { type Access, type Actor, requireRole } from './access.ts';
import { rawResponse, refusalOf } from './problems.ts';

export interface Endpoint {
  readonly path: string;
  /** A longer message closes the socket. */
  readonly maxMessageBytes: number;
  /**
   * Takes the socket of a user, a viewer at least.
   * @throws ProblemError invalid for a query that it does not understand, rate_limited where it is full and clients can read why
   */
  readonly accept: (actor: Actor, query: Readonly<Record<string, string>>) => (socket: WebSocket) => void;
}

/** @throws ProblemError invalid */
export function readQuery<S extends z.ZodType>(schema: S, given: Readonly<Record<string, string>>): z.output<S> {
  const query = schema.safeParse(given);
  if (!query.success) throw new ProblemError('invalid', invalidSentence(query.error, 'The query', given));
  return query.data;
}

export function serveWebSockets(server: Server, endpoints: readonly Endpoint[], access: Access, log: FastifyBaseLogger): void {
  const served = new Map(endpoints.map((endpoint) => [endpoint.path, { endpoint, sockets: acceptor(endpoint.maxMessageBytes) }]));
  const paths = [...served.keys()].join(' and ');

  function admit(request: IncomingMessage): { readonly sockets: WebSocketServer; readonly begin: (socket: WebSocket) => void } {
    const url = URL.parse(request.url ?? '', 'http://here');
    access.guard.check(request.headers);
    const found = served.get(url?.pathname ?? '');
    if (!url || !found) throw new ProblemError('not_found', `There is no WebSocket here: there is ${paths}.`);
    const actor = requireRole(access.identify(request), 'viewer');
    // Browsers always send it with a WebSocket; without it the page that uses the cookie is unknown.
    if (actor.session && request.headers.origin === undefined) {
      throw new ProblemError(
        'forbidden',
        'A WebSocket with a session cookie needs an Origin: scripts send "Authorization: Bearer <token>".',
      );
    }
    return { sockets: found.sockets, begin: found.endpoint.accept(actor, Object.fromEntries(url.searchParams)) };
  }

  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket;
    socket.on('error', () => socket.destroy());
    try {
      const { sockets, begin } = admit(request);
      sockets.handleUpgrade(request, socket, head, begin);
    } catch (error) {
      const refusal = refusalOf(error);
      log.info({ method: 'WEBSOCKET', path: request.url?.split('?', 1)[0], status: refusal.problem.status }, 'request failed');
      socket.end(rawResponse(refusal));
    }
  });
}

function acceptor(maxPayload: number): WebSocketServer {
  return new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload, clientTracking: false });
}
