// Whether a browser is still there: by the protocol's pings, which it answers by itself.
import type { WebSocket } from 'ws';

const PING_EVERY_MS = 20_000;
const MISSED_PINGS = 2;

export class Pulse {
  readonly #socket: WebSocket;
  #unanswered = 0;
  readonly #now: () => number;
  #pingedMs: number;

  /** @param now milliseconds of a clock that only goes forward */
  constructor(socket: WebSocket, now: () => number) {
    this.#socket = socket;
    this.#now = now;
    this.#pingedMs = now();
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
  }

  get isDead(): boolean {
    return this.#unanswered >= MISSED_PINGS;
  }

  /** Pings where it is time. */
  check(): void {
    const nowMs = this.#now();
    if (nowMs - this.#pingedMs < PING_EVERY_MS || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#pingedMs = nowMs;
    this.#unanswered++;
    this.#socket.ping();
  }
}
