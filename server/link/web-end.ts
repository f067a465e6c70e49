// The web process's end of the link: reconnects, passes on frames and events, and makes calls.
import { WebSocket } from 'ws';
import { Backoff } from '../contract/backoff.ts';
import type { CallAnswer, CallInput, CallName } from '../contract/calls.ts';
import type { Event } from '../contract/events.ts';
import { LINK_VERSION, LinkMessage, type LinkShown } from '../contract/link.ts';
import { parseJson } from '../contract/parse-json.ts';
import { ProblemError } from '../contract/problems.ts';
import type { Caller } from './answer.ts';
import { MAX_ANSWER_BYTES } from './bounds.ts';
import { endWhenSilent } from './end-silent.ts';
import { PendingCalls } from './pending-calls.ts';

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 200;
/** The kernel accepts connections to an agent that hangs; it does not answer. */
const HANDSHAKE_MS = 5000;

export type Hello = Extract<LinkMessage, { type: 'hello' }>;

export interface WebEndOptions {
  readonly socketPath: string;
  readonly linkKey: string;
  /** The last event received; undefined: only new ones are wanted. */
  readonly sinceId: () => number | undefined;
  readonly onHello: (hello: Hello) => void;
  readonly onFrame: (bytes: Uint8Array) => void;
  readonly onEvent: (event: Event) => void;
  readonly onConnected: (connected: boolean) => void;
  /** A message could not be decoded; the link reconnects. */
  readonly onFault: (error: unknown) => void;
  readonly pingEveryMs?: number;
}

export interface WebEnd {
  readonly connected: boolean;
  /** @throws ProblemError the agent's own, agent_unavailable if it is not connected, answer_lost if it disconnects meanwhile */
  call<N extends CallName>(name: N, params: CallInput<N>, by: Caller, key?: string): Promise<CallAnswer<N>>;
  /** Pages show these groups: the agent reads them at each tick, for some seconds. */
  shown(groups: readonly string[]): void;
  /** Reconnects, which brings a full frame. */
  restart(): void;
  close(): void;
}

function bytesOf(data: unknown): Uint8Array | undefined {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  // Not a Buffer, whose slice() differs from that of other typed arrays.
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
        // Something may be lost: a new connection starts with a full frame.
        opened.terminate();
        options.onFault(error);
      }
    });
    // Each error is followed by close, which is handled.
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
    async call<N extends CallName>(name: N, params: CallInput<N>, by: Caller, key?: string): Promise<CallAnswer<N>> {
      if (!connected) throw new ProblemError('agent_unavailable', 'The agent is not connected: try again in a second.');
      // Not checked again: the agent has the same version, and its types give the answer's shape.
      return (await pending.ask({ call: name, params, by, key })) as CallAnswer<N>;
    },
    shown(groups) {
      if (connected) socket?.send(JSON.stringify({ shown: [...groups] } satisfies LinkShown));
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
