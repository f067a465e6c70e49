// The browser’s end of the stream: its messages and frames, over a socket that is replaced when it is lost; it asks for what it missed, and knows when it is stale.
import { decodeFrame, type Frame } from '../../server/contract/frame.ts';
import { parseJson } from '../../server/contract/parse-json.ts';
import { BEAT, StreamMessage } from '../../server/contract/stream.ts';
import { type Connecting, KeptSocket, type Socket } from './kept-socket.ts';

export interface StreamDeps extends Omit<Connecting, 'open'> {
  /** @param sinceId the last event this page has, undefined if it has none */
  readonly open: (sinceId: number | undefined) => Socket;
  readonly lastEventId: () => number | undefined;
  readonly onMessage: (message: StreamMessage) => void;
  /** @returns false if the frame does not follow: the stream then starts over with a full one */
  readonly onFrame: (frame: Frame) => boolean;
  /** Nothing has arrived for more than two ticks, or the connection is lost. */
  readonly onStale: () => void;
  readonly onDenied: () => void;
  /** The server answers, but not to WebSockets. */
  readonly onRefused: () => void;
}

/** In addition to two ticks, for the network and a busy browser. */
const STALE_GRACE_MS = 400;

export class Stream {
  readonly #deps: StreamDeps;
  readonly #socket: KeptSocket;
  #intervalMs = 1000;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
    const { lastEventId, open, onDenied, onRefused, ...connecting } = deps;
    this.#socket = new KeptSocket({
      ...connecting,
      open: () => open(lastEventId()),
      beat: () => BEAT,
      onMessage: (data) => this.#receive(data),
      onLost: () => this.#lost(),
      onAway: () => this.#lost(),
      onDenied,
      onRefused,
    });
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    clearTimeout(this.#staleTimer);
    this.#socket.stop();
  }

  #receive(data: unknown): void {
    if (typeof data === 'string') {
      const message = StreamMessage.safeParse(parseJson(data));
      if (!message.success) return;
      if (message.data.type === 'hello') {
        this.#intervalMs = message.data.intervalMs;
        this.#expectFrame();
      }
      this.#deps.onMessage(message.data);
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
    if (!fits) {
      this.#socket.again();
      return;
    }
    this.#socket.good();
    this.#expectFrame();
  }

  #expectFrame(): void {
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => this.#deps.onStale(), 2 * this.#intervalMs + STALE_GRACE_MS);
  }

  #lost(): void {
    clearTimeout(this.#staleTimer);
    this.#deps.onStale();
  }
}
