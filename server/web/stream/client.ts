// One client of the stream: frames may be skipped for it and are made good by a full one, events never.
import type { WebSocket } from 'ws';
import type { StreamMessage } from '../../contract/stream.ts';
import type { Actor } from '../access.ts';

export interface Bounds {
  /** So much unsent, and no more frames are added. */
  readonly frameBacklogBytes: number;
  /** So much unsent, and the client is sent away: it comes back with the id of the last event it has. */
  readonly eventBacklogBytes: number;
}

export const BOUNDS: Bounds = { frameBacklogBytes: 4 * 1024 * 1024, eventBacklogBytes: 16 * 1024 * 1024 };

export const CLOSE = { goingAway: 1001, policy: 1008, tryAgain: 1013 } as const;
/** Clients have nothing to say; some send a keep-alive of their own. */
const MESSAGES_TOLERATED = 10;
const MISSED_PINGS = 2;

type Payload = Uint8Array | string;

export class StreamClient {
  readonly actor: Actor;
  readonly json: boolean;
  /** Events are held back while the ones before them are still on their way from the agent. */
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
    // A protocol fault closes the socket by itself; unheard, the event would end the process.
    socket.on('error', () => undefined);
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.on('message', () => {
      if (++this.#messages > MESSAGES_TOLERATED) this.close(CLOSE.policy, 'this stream only sends');
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  tell(message: StreamMessage): void {
    this.#send(JSON.stringify(message));
  }

  /** @param full makes a full frame for a client that has missed some */
  frame(payload: Payload, full: () => Payload | undefined): void {
    if (this.#socket.bufferedAmount > this.#bounds.frameBacklogBytes) {
      this.#skipped++;
      this.#onSkip();
      return;
    }
    if (this.#skipped === 0) {
      this.#send(payload);
      return;
    }
    this.tell({ type: 'resync', skipped: this.#skipped });
    this.#skipped = 0;
    const everything = full();
    if (everything !== undefined) this.#send(everything);
  }

  event(text: string): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > this.#bounds.eventBacklogBytes) {
      this.close(CLOSE.tryAgain, 'too slow: come back with since=');
      return;
    }
    this.#send(text);
  }

  /** Resolves when everything that was sent so far has left this process, or the client is gone. */
  drained(): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('close', resolve);
      // A ping is small, and its callback comes after those of all before it.
      this.#socket.ping(undefined, undefined, () => {
        this.#socket.off('close', resolve);
        resolve();
      });
    });
  }

  /** Asks for a sign of life; ends a client that gave none twice, or whose session is over. */
  heartbeat(nowMs: number): void {
    if (this.#unanswered >= MISSED_PINGS) this.#socket.terminate();
    else if (this.actor.session && this.actor.session.expiresMs <= nowMs) this.close(CLOSE.policy, 'the session is over');
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

  #send(payload: Payload): void {
    if (this.isOpen) this.#socket.send(payload);
  }
}
