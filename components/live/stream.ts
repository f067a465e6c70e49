// The browser’s end of the stream: its messages and frames, over a socket that is replaced when it is lost, or by requests where no socket is let through.

import { BEAT } from '../../server/contract/beat.ts';
import { decodeFrame, type Frame } from '../../server/contract/frame.ts';
import { messageOf } from '../../server/contract/parse-json.ts';
import type { DetailRequest, StreamMessage } from '../../server/contract/stream.ts';
import { type Connecting, KeptSocket, type Socket } from './kept-socket.ts';
import { POLL_EVERY_MS, Polling } from './polling.ts';

/** Where a stream begins. */
export interface StreamFrom {
  /** The last event that this page has, undefined if it has none. */
  readonly since: number | undefined;
  /** The group with all readings; of the others the summary is sent. */
  readonly group: string | undefined;
}

export interface StreamDeps extends Omit<Connecting, 'open'> {
  readonly open: (from: StreamFrom) => Socket;
  /** The same messages by a request. */
  readonly ask: (from: StreamFrom, signal: AbortSignal) => Promise<readonly unknown[]>;
  readonly from: () => StreamFrom;
  /** A connection has begun, or requests instead of one. */
  readonly onOpen: (via: Via) => void;
  readonly onMessage: (message: StreamMessage) => void;
  /** @returns false if the frame does not follow: the stream then starts over with a full one */
  readonly onFrame: (frame: Frame) => boolean;
  /** Nothing has arrived for more than two ticks, or the connection is lost. */
  readonly onStale: () => void;
  readonly onDenied: () => void;
}

/** Requests: the server answers, but no WebSocket gets through. */
export type Via = 'socket' | 'requests';

/** In addition to two ticks, for the network and a busy browser. */
const STALE_GRACE_MS = 400;

const TYPES = { hello: true, event: true, gap: true, agent: true, resync: true, beat: true } as const;

export class Stream {
  readonly #deps: StreamDeps;
  readonly #socket: KeptSocket;
  readonly #polling: Polling;
  /** On the present connection. */
  #hasBegun = false;
  /** The group whose detail the present connection brings. */
  #group: string | undefined;
  #intervalMs = 1000;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
    const { from, open, ask, onDenied } = deps;
    this.#socket = new KeptSocket({
      ...deps,
      open: () => {
        this.#hasBegun = false;
        const start = from();
        this.#group = start.group;
        return open(start);
      },
      beat: () => BEAT,
      onMessage: (data) => this.#arrived(data),
      onLost: () => this.#lost(),
      // Requests know better whether the server answers.
      onAway: () => this.#polling.isOn || this.#lost(),
      onDenied: () => {
        this.stop();
        onDenied();
      },
      onRefused: () => this.#poll(),
    });
    this.#polling = new Polling({
      ask: (signal) => ask(from(), signal),
      onAnswer: (messages) => {
        for (const message of messages) this.#receive(message instanceof Uint8Array ? message.slice().buffer : message);
      },
      onFault: () => this.#lost(),
    });
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    clearTimeout(this.#staleTimer);
    this.#polling.stop();
    this.#socket.stop();
  }

  /** The detail of another group is wanted, or none. */
  detail(): void {
    this.#askDetail();
    this.#polling.hurry();
  }

  /** A connection that is still being made is asked once it is there. */
  #askDetail(): void {
    const { group } = this.#deps.from();
    if (group !== this.#group && this.#socket.send(JSON.stringify({ type: 'detail', group } satisfies DetailRequest))) this.#group = group;
  }

  #poll(): void {
    if (this.#polling.isOn) return;
    this.#deps.onOpen('requests');
    this.#polling.start();
  }

  #arrived(data: unknown): void {
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#polling.stop();
      this.#deps.onOpen('socket');
      this.#askDetail();
    }
    this.#receive(data);
  }

  #receive(data: unknown): void {
    if (typeof data === 'string') {
      const message = messageOf<StreamMessage>(data, TYPES);
      if (!message) return;
      if (message.type === 'hello') {
        this.#intervalMs = message.intervalMs;
        this.#expectFrame();
      }
      this.#deps.onMessage(message);
    } else if (data instanceof ArrayBuffer) {
      this.#receiveFrame(new Uint8Array(data));
    }
  }

  #receiveFrame(bytes: Uint8Array): void {
    let fits = false;
    try {
      const frame = decodeFrame(bytes);
      this.#intervalMs = frame.tick.intervalMs;
      fits = this.#deps.onFrame(frame);
    } catch {
      // A frame of another version, or incomplete: a new connection brings a full one.
    }
    if (this.#polling.isOn) {
      if (fits) this.#expectFrame();
      return;
    }
    if (!fits) {
      this.#socket.again();
      return;
    }
    this.#socket.good();
    this.#expectFrame();
  }

  #expectFrame(): void {
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(
      () => this.#deps.onStale(),
      2 * this.#intervalMs + STALE_GRACE_MS + (this.#polling.isOn ? 2 * POLL_EVERY_MS : 0),
    );
  }

  #lost(): void {
    clearTimeout(this.#staleTimer);
    this.#deps.onStale();
  }
}
