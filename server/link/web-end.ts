// The web process's end of the link: comes back by itself, hands on frames and events, and turns calls into promises.
import { WebSocket } from 'ws';
import { Backoff } from '../contract/backoff.ts';
import type { CallAnswer, CallInput, CallName } from '../contract/calls.ts';
import type { Event } from '../contract/events.ts';
import { LINK_VERSION, LinkMessage } from '../contract/link.ts';
import { parseJson } from '../contract/parse-json.ts';
import { ProblemError } from '../contract/problems.ts';
import type { Caller } from './answer.ts';
import { MAX_ANSWER_BYTES } from './bounds.ts';
import { endWhenSilent } from './end-silent.ts';
import { PendingCalls } from './pending-calls.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 200;
/** The kernel connects to an agent that hangs, which does not answer. */
const HANDSHAKE_MS = 5000;

export type Hello = Extract<LinkMessage, { type: 'hello' }>;

export interface WebEndOptions {
  readonly socketPath: string;
  readonly linkKey: string;
  /** The last event that is known here; undefined: send none but new ones. */
  readonly sinceId: () => number | undefined;
  readonly onHello: (hello: Hello) => void;
  readonly onFrame: (bytes: Uint8Array) => void;
  readonly onEvent: (event: Event) => void;
  readonly onConnected: (connected: boolean) => void;
  /** Something came that cannot be read; the connection is made anew. */
  readonly onFault: (error: unknown) => void;
  readonly pingEveryMs?: number;
}

export interface WebEnd {
  readonly connected: boolean;
  /** @throws ProblemError the agent's own, or agent_unavailable where it is away or goes away meanwhile */
  call<N extends CallName>(name: N, params: CallInput<N>, by: Caller): Promise<CallAnswer<N>>;
  /** Drops the connection and comes back, which brings a full frame. */
  restart(): void;
  close(): void;
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  // A plain view of the same bytes: a Buffer behaves unlike other typed arrays in places.
  return data instanceof Uint8Array ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
}

export function connectWebEnd(options: WebEndOptions): WebEnd {
  let socket: WebSocket | undefined;
  let connected = false;
  let closed = false;
  const backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS);
  let timer: NodeJS.Timeout | undefined;
  const pending = new PendingCalls((text) => socket?.send(text));

  function receive(data: unknown, isBinary: boolean): void {
    if (isBinary) {
      const bytes = bytesOf(data);
      if (bytes) options.onFrame(bytes);
      return;
    }
    const message = LinkMessage.parse(parseJson(String(data)));
    switch (message.type) {
      case 'hello':
        if (message.version !== LINK_VERSION) throw new Error(`link version ${message.version}, this side speaks ${LINK_VERSION}`);
        connected = true;
        backoff.reset();
        options.onHello(message);
        options.onConnected(true);
        break;
      case 'event':
        options.onEvent(message.event);
        break;
      case 'answer':
        pending.answer(message.id, message.result);
        break;
      case 'problem':
        pending.fail(message.id, ProblemError.from(message.problem));
        break;
    }
  }

  function lost(): void {
    socket = undefined;
    pending.failAll();
    if (connected) {
      connected = false;
      options.onConnected(false);
    }
    if (closed) return;
    timer = setTimeout(connect, backoff.next());
  }

  function connect(): void {
    const since = options.sinceId();
    const opened = new WebSocket(`ws+unix:${options.socketPath}:/${since === undefined ? '' : `?since=${since}`}`, {
      headers: { authorization: `Bearer ${options.linkKey}` },
      perMessageDeflate: false,
      maxPayload: MAX_ANSWER_BYTES,
      handshakeTimeout: HANDSHAKE_MS,
    });
    socket = opened;
    endWhenSilent(opened, options.pingEveryMs);
    opened.on('message', (data, isBinary) => {
      try {
        receive(data, isBinary);
      } catch (error) {
        // What cannot be read means that something was missed: a new connection starts from a full frame.
        opened.terminate();
        options.onFault(error);
      }
    });
    // Each error is followed by close, which is where it is handled.
    opened.on('error', () => undefined);
    opened.on('close', () => {
      if (socket === opened) lost();
    });
  }

  connect();
  return {
    get connected() {
      return connected;
    },
    async call<N extends CallName>(name: N, params: CallInput<N>, by: Caller): Promise<CallAnswer<N>> {
      if (!connected) throw new ProblemError('agent_unavailable', 'The agent is not connected just now: try again in a second.');
      // The agent is root and of the same version: its answers have the shape that its own types give them.
      return (await pending.ask({ call: name, params, by })) as CallAnswer<N>;
    },
    restart() {
      socket?.terminate();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      socket?.terminate();
    },
  };
}
