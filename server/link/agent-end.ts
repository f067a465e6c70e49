// The agent's end of the link: a Unix socket for the web process only; sends frames and events, receives calls.
import { timingSafeEqual } from 'node:crypto';
import { chmodSync, chownSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { CallName } from '../contract/calls.ts';
import type { Event } from '../contract/events.ts';
import { LINK_VERSION, type LinkMessage, LinkShown } from '../contract/link.ts';
import { parseJson } from '../contract/parse-json.ts';
import { type Answerer, answerRequest } from './answer.ts';
import { HUNG_PEER_BYTES, MAX_REQUEST_BYTES, SLOW_PEER_BYTES } from './bounds.ts';
import { endWhenSilent } from './end-silent.ts';
import { type OpenTerminal, TerminalAgentEnd } from './terminal-agent-end.ts';

// An import of node:http would also load undici's WebSocket: 16 MB and 30 ms that are not needed.
const { createServer } = process.getBuiltinModule('node:http');

const ROOT_UID = 0;
const SOCKET_MODE = 0o600;
/** Only the owner can read and write while the socket is created. */
const SOCKET_UMASK = 0o177;

export interface AgentEndOptions extends Answerer {
  readonly socketPath: string;
  /** The only user besides root that may connect; owns the socket. */
  readonly webUid: number;
  readonly linkKey: string;
  /** Random for each run of the agent. */
  readonly epoch: string;
  /** The uid at the other end of a connected socket's descriptor; throws if it is unknown. */
  readonly peerUid: (fd: number) => number;
  /** The current state; undefined before the first tick. */
  readonly fullFrame: () => Uint8Array | undefined;
  /** Oldest first. */
  readonly eventsSince: (id: number) => readonly Event[];
  readonly lastEventId: () => number;
  /** `eventsSince` has all events after this id; of older ones only those in memory. */
  readonly completeSince: () => number;
  readonly openTerminal: OpenTerminal;
  /** Pages show this group. */
  readonly onShown?: (group: string) => void;
  /** Called for a handler's bug; logs it by default. */
  readonly onError?: (error: unknown, call: CallName | 'terminal') => void;
  readonly pingEveryMs?: number;
}

export interface AgentEnd {
  /** A slow peer gets no frames until it has caught up, and then a full one. */
  sendFrame(bytes: Uint8Array): void;
  /** A peer that does not read is disconnected; when it reconnects it asks for the events it missed. */
  sendEvent(event: Event): void;
  close(): Promise<void>;
}

interface Peer {
  readonly socket: WebSocket;
  skipped: boolean;
}

function isKey(header: string | undefined, key: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${key}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** Node has no public way to the descriptor. */
function descriptorOf(socket: unknown): number | undefined {
  const { _handle: handle } = socket as { _handle?: { fd?: number } | null };
  return handle?.fd;
}

function isAllowedPeer(socket: Socket, options: AgentEndOptions): boolean {
  const fd = descriptorOf(socket);
  if (fd === undefined || fd < 0) return false;
  try {
    const uid = options.peerUid(fd);
    return uid === ROOT_UID || uid === options.webUid;
  } catch {
    return false;
  }
}

function refuse(socket: Socket, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function sinceOf(url: URL): number | undefined {
  const since = url.searchParams.get('since');
  return since !== null && /^\d{1,15}$/.test(since) ? Number(since) : undefined;
}

/** Serves the socket, and replaces one of an earlier agent. */
export async function serveAgentEnd(options: AgentEndOptions): Promise<AgentEnd> {
  const log = pino({ name: 'link' }, pino.destination(2));
  const onError = options.onError ?? ((error, call) => log.error({ err: error, call }, 'a call failed by a bug'));
  const peers = new Set<Peer>();
  const server = createServer((_request, response) => response.writeHead(426).end());
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_REQUEST_BYTES, clientTracking: false });
  const terminals = new TerminalAgentEnd({ openTerminal: options.openTerminal, onBug: (error) => onError(error, 'terminal') });

  const send = (socket: WebSocket, message: LinkMessage) => {
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
  };

  function sendFull(peer: Peer): void {
    const full = options.fullFrame();
    peer.skipped = false;
    if (full) peer.socket.send(full);
  }

  function begin(socket: WebSocket, since: number | undefined): void {
    const peer: Peer = { socket, skipped: false };
    // A protocol error closes the socket; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('close', () => peers.delete(peer));
    endWhenSilent(socket, options.pingEveryMs);
    socket.on('message', (data, isBinary) => {
      if (isBinary) return socket.close(1003);
      const text = String(data);
      void answerRequest(text, options, onError).then((message) => {
        if (message) return send(socket, message);
        const seen = LinkShown.safeParse(parseJson(text));
        if (!seen.success) return socket.close(1007);
        for (const group of seen.data.shown) options.onShown?.(group);
      });
    });
    const { host, epoch } = options;
    const log = { lastEventId: options.lastEventId(), completeSince: options.completeSince() };
    send(socket, { type: 'hello', host, version: LINK_VERSION, epoch, ...log });
    if (since !== undefined) for (const event of options.eventsSince(since)) send(socket, { type: 'event', host: options.host, event });
    sendFull(peer);
    peers.add(peer);
  }

  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket;
    socket.on('error', () => socket.destroy());
    if (!isAllowedPeer(socket, options)) return refuse(socket, '403 Forbidden');
    if (!isKey(request.headers.authorization, options.linkKey)) return refuse(socket, '401 Unauthorized');
    const url = URL.parse(request.url ?? '/', 'http://agent');
    if (!url) return refuse(socket, '400 Bad Request');
    if (terminals.isFor(url)) return terminals.accept(request, url, socket, head);
    sockets.handleUpgrade(request, socket, head, (accepted) => begin(accepted, sinceOf(url)));
  });

  rmSync(options.socketPath, { force: true });
  await listen();

  async function listen(): Promise<void> {
    const listening = Promise.withResolvers<void>();
    server.once('error', listening.reject);
    // The bind happens in this call: the umask keeps other users out from the start.
    const umask = process.umask(SOCKET_UMASK);
    try {
      server.listen(options.socketPath, listening.resolve);
    } finally {
      process.umask(umask);
    }
    await listening.promise;
    chmodSync(options.socketPath, SOCKET_MODE);
    if (process.getuid?.() === ROOT_UID) chownSync(options.socketPath, options.webUid, ROOT_UID);
  }

  return {
    sendFrame(bytes) {
      for (const peer of peers) {
        if (peer.socket.bufferedAmount > SLOW_PEER_BYTES) peer.skipped = true;
        else if (peer.skipped) sendFull(peer);
        else peer.socket.send(bytes);
      }
    },
    sendEvent(event) {
      const text = JSON.stringify({ type: 'event', host: options.host, event } satisfies LinkMessage);
      for (const { socket } of peers) {
        if (socket.bufferedAmount > HUNG_PEER_BYTES) socket.terminate();
        else socket.send(text);
      }
    },
    async close() {
      for (const { socket } of peers) socket.terminate();
      terminals.close();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
