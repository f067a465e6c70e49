// The browser’s end of the stream: one WebSocket that reconnects by itself, asks for what it missed, and knows when it is stale.
import { Backoff } from '../../server/contract/backoff.ts';
import { decodeFrame, type Frame } from '../../server/contract/frame.ts';
import { parseJson } from '../../server/contract/parse-json.ts';
import { StreamMessage } from '../../server/contract/stream.ts';

/** What the stream needs of a WebSocket; tests have their own. */
export interface Socket {
  binaryType: string;
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
  close(): void;
}

export interface StreamDeps {
  /** @param sinceId the last event this page has, undefined if it has none */
  readonly open: (sinceId: number | undefined) => Socket;
  readonly lastEventId: () => number | undefined;
  readonly onMessage: (message: StreamMessage) => void;
  /** @returns false if the frame does not follow: the stream then starts over with a full one */
  readonly onFrame: (frame: Frame) => boolean;
  readonly onOpen: () => void;
  /** Nothing has arrived for more than two ticks, or the connection is lost. */
  readonly onStale: () => void;
  /** A connection ended before it was open: perhaps the session has ended. True: stop trying. */
  readonly isDenied: () => Promise<boolean>;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 3000;
/** In addition to two ticks, for the network and a busy browser. */
const STALE_GRACE_MS = 400;
/** Closed because the session ended (RFC 6455: policy violation). */
const POLICY_VIOLATION = 1008;

export class Stream {
  readonly #deps: StreamDeps;
  #socket: Socket | undefined;
  readonly #backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS);
  #intervalMs = 1000;
  #staleTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #stopped = true;
  /** Raised by every start: earlier timers and answers no longer count. */
  #run = 0;

  constructor(deps: StreamDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#run++;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#staleTimer);
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  #connect(): void {
    const socket = this.#deps.open(this.#deps.lastEventId());
    let opened = false;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      opened = true;
      this.#deps.onOpen();
      this.#expectFrame();
    };
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) void this.#lost(!opened || code === POLICY_VIOLATION);
    };
    this.#socket = socket;
  }

  #receive(data: unknown): void {
    if (typeof data === 'string') {
      const message = StreamMessage.safeParse(parseJson(data));
      if (!message.success) return;
      if (message.data.type === 'hello') this.#intervalMs = message.data.intervalMs;
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
      void this.#lost(false);
      return;
    }
    this.#backoff.reset();
    this.#expectFrame();
  }

  #expectFrame(): void {
    clearTimeout(this.#staleTimer);
    this.#staleTimer = setTimeout(() => this.#deps.onStale(), 2 * this.#intervalMs + STALE_GRACE_MS);
  }

  async #lost(maybeDenied: boolean): Promise<void> {
    const run = this.#run;
    this.#drop();
    clearTimeout(this.#staleTimer);
    this.#deps.onStale();
    const denied = maybeDenied && (await this.#deps.isDenied());
    if (run !== this.#run || this.#stopped) return;
    if (denied) {
      this.#stopped = true;
      return;
    }
    this.#retryTimer = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
