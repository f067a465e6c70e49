// One client of the stream: a slow one skips frames and gets a full one later; no event is skipped.
import type { WebSocket } from 'ws';
import { BEAT, type StreamMessage } from '../../contract/stream.ts';
import type { Actor } from '../access.ts';

export interface Bounds {
  /** With so much unsent, frames are skipped. */
  readonly frameBacklogBytes: number;
  /** With so much unsent, the client is disconnected; it reconnects with the id of its last event. */
  readonly eventBacklogBytes: number;
}

export const BOUNDS: Bounds = { frameBacklogBytes: 4 * 1024 * 1024, eventBacklogBytes: 16 * 1024 * 1024 };

export const CLOSE = { goingAway: 1001, policy: 1008, tryAgain: 1013 } as const;
/** Between two pings. Only beats are expected; some clients send keep-alives of their own. */
const MESSAGES_TOLERATED = 40;
const MISSED_PINGS = 2;

type Payload = Uint8Array | string;

export class StreamClient {
  readonly actor: Actor;
  readonly json: boolean;
  /** False while earlier events are still being sent: new ones wait. */
  live = false;
  readonly #socket: WebSocket;
  readonly #bounds: Bounds;
  readonly #onSkip: () => void;
  #skipped = 0;
  #unanswered = 0;
  #messages = 0;

  constructor(socket: WebSocket, options: { actor: Actor; json: boolean; bounds: Bounds; onSkip: () => void }) {
    this.#socket = socket;
    this.actor = options.actor;
    this.json = options.json;
    this.#bounds = options.bounds;
    this.#onSkip = options.onSkip;
    // A protocol error closes the socket; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.on('message', (data) => {
      if (++this.#messages > MESSAGES_TOLERATED) this.close(CLOSE.policy, 'this stream accepts a beat a second, and nothing else');
      else if (String(data) === BEAT) this.send({ type: 'beat' });
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(message: StreamMessage): void {
    this.#write(JSON.stringify(message));
  }

  /** @param full makes a full frame, for a client that skipped some */
  frame(payload: Payload, full: () => Payload | undefined): void {
    if (this.#socket.bufferedAmount > this.#bounds.frameBacklogBytes) {
      this.#skipped++;
      this.#onSkip();
      return;
    }
    if (this.#skipped === 0) {
      this.#write(payload);
      return;
    }
    this.send({ type: 'resync', skipped: this.#skipped });
    this.#skipped = 0;
    const everything = full();
    if (everything !== undefined) this.#write(everything);
  }

  event(text: string): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > this.#bounds.eventBacklogBytes) {
      this.close(CLOSE.tryAgain, 'too slow: reconnect with since=');
      return;
    }
    this.#write(text);
  }

  /** Resolves when everything so far is sent, or the client has disconnected. */
  drained(): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('close', resolve);
      // The callback of a ping comes after those of all earlier messages.
      this.#socket.ping(undefined, undefined, () => {
        this.#socket.off('close', resolve);
        resolve();
      });
    });
  }

  /** Sends a ping; disconnects a client that missed two, or whose session has expired. */
  heartbeat(nowMs: number): void {
    this.#messages = 0;
    if (this.#unanswered >= MISSED_PINGS) this.#socket.terminate();
    else if (this.actor.session && this.actor.session.expiresMs <= nowMs) this.close(CLOSE.policy, 'the session has expired');
    else if (this.isOpen) {
      this.#unanswered++;
      this.#socket.ping();
    }
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #write(payload: Payload): void {
    if (this.isOpen) this.#socket.send(payload);
  }
}
