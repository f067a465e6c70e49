// One client of the stream: a slow one skips frames and gets a full one later; no event is skipped.
import type { WebSocket } from 'ws';
import { BEAT } from '../../contract/beat.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { DetailRequest, type StreamMessage } from '../../contract/stream.ts';
import type { Actor } from '../access.ts';
import type { Payload, Wanted } from './outgoing.ts';
import type { Bounds } from './places.ts';

export const CLOSE = { goingAway: 1001, policy: 1008, tryAgain: 1013 } as const;
/** Between two pings. Beats, and what a page asks for as its person goes from group to group; some clients send keep-alives of their own. */
const MESSAGES_TOLERATED = 120;
const MISSED_PINGS = 2;

export interface StreamClientOptions {
  readonly actor: Actor;
  readonly wanted: Wanted;
  /** As they are now: they follow the number of clients. */
  readonly bounds: () => Bounds;
  readonly onSkip: () => void;
  /** It wants the detail of this group, or none. */
  readonly onDetail: (group: string | undefined) => void;
}

export class StreamClient {
  readonly actor: Actor;
  wanted: Wanted;
  /** False while earlier events are still being sent: new ones wait. */
  live = false;
  readonly #socket: WebSocket;
  readonly #bounds: () => Bounds;
  readonly #onSkip: () => void;
  #skipped = 0;
  /** Bytes of the last message of frames: a full frame alone may be more than the bound for events. */
  #lastBytes = 0;
  #unanswered = 0;
  #messages = 0;

  constructor(socket: WebSocket, options: StreamClientOptions) {
    this.#socket = socket;
    this.actor = options.actor;
    this.wanted = options.wanted;
    this.#bounds = options.bounds;
    this.#onSkip = options.onSkip;
    // A protocol error closes the socket; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('pong', () => {
      this.#unanswered = 0;
    });
    socket.on('message', (data) => {
      const text = String(data);
      if (++this.#messages > MESSAGES_TOLERATED) this.close(CLOSE.policy, 'this stream accepts a few messages a second');
      else if (text === BEAT) this.send({ type: 'beat' });
      else if (this.wanted.form === 'summary') {
        const asked = DetailRequest.safeParse(parseJson(text));
        if (asked.success) options.onDetail(asked.data.group);
      }
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  send(message: StreamMessage): void {
    this.#write([JSON.stringify(message)]);
  }

  /** @param full makes a full frame, for a client that skipped some; undefined if there is none */
  frame(payload: Payload, full: () => Payload | undefined): void {
    if (this.#isBehind) this.#skip();
    else if (this.#skipped === 0) this.#writeFrame(payload);
    else {
      this.send({ type: 'resync', skipped: this.#skipped });
      this.#skipped = 0;
      const everything = full();
      if (everything !== undefined) this.#writeFrame(everything);
    }
  }

  /** Adds to the last frame; a client that skips some gets it with the full one. */
  add(payload: Payload): void {
    if (this.#isBehind) this.#skip();
    else if (this.#skipped === 0) this.#writeFrame(payload);
  }

  get #isBehind(): boolean {
    return this.#socket.bufferedAmount > this.#bounds().frameBacklogBytes;
  }

  #skip(): void {
    this.#skipped++;
    this.#onSkip();
  }

  event(text: string): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > this.#bounds().eventBacklogBytes + this.#lastBytes) {
      this.close(CLOSE.tryAgain, 'too slow: reconnect with since=');
      return;
    }
    this.#write([text]);
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

  #writeFrame(payload: Payload): void {
    this.#lastBytes = payload.reduce((sum, { length }) => sum + length, 0);
    this.#write(payload);
  }

  #write(payload: Payload): void {
    if (!this.isOpen) return;
    const last = payload.length - 1;
    for (const [i, part] of payload.entries()) this.#socket.send(part, { fin: i === last });
  }
}
