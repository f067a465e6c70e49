// A WebSocket that is replaced whenever it is lost: closed, silent for too many beats, or never open. The server is first asked by HTTP: it knows whether
// the session has ended, and where it answers and a WebSocket does not, a proxy is between.
import { Backoff } from '../../server/contract/backoff.ts';
import { ANSWER_MS, Heart } from './heart.ts';

/** What is needed of a WebSocket; tests have their own. */
export interface Socket {
  binaryType: string;
  readonly readyState: number;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface Connecting {
  readonly open: () => Socket;
  /** Asks the server by HTTP. Rejects where it does not answer. */
  readonly probe: (signal: AbortSignal) => Promise<'answers' | 'denied'>;
  /** @returns ends the calls */
  readonly onWake: (listener: () => void) => () => void;
  readonly isHidden: () => boolean;
  /** Milliseconds, of any clock that goes on while the machine sleeps. */
  readonly now: () => number;
}

export interface KeptSocketDeps extends Connecting {
  readonly beat: () => string;
  readonly onMessage: (data: unknown) => void;
  /** Once for each connection that had brought a message. @param code of RFC 6455; 1006 where it ended without one */
  readonly onLost: (code: number) => void;
  /** The first try has failed: the server does not answer yet. */
  readonly onAway: () => void;
  readonly onDenied: () => void;
  /** The server answers by HTTP and WebSockets do not work. It is tried again now and then. */
  readonly onRefused: () => void;
}

const FIRST_RETRY_MS = 200;
/** A person who waits should wait no longer than this for the network's return to be noticed. */
const LAST_RETRY_MS = 1500;
/** Of a page that is hidden; it is woken when it is shown. */
const HIDDEN_RETRY_MS = 30_000;
/** Of WebSockets that are refused: at first it may have been an accident. */
const REFUSED_RETRY_MS = { first: 3000, last: 30_000 };
/** Until the first message, over the slowest lines. */
const CONNECT_MS = 10_000;
const PROBE_MS = 5000;
/** Failed WebSockets, while HTTP answers, before it counts as refused: one may have met a restart. */
const REFUSALS = 2;
const MAX_PATIENCE = 8;
/** WebSocket.OPEN */
const OPEN = 1;
const ABNORMAL = 1006;

export class KeptSocket {
  readonly #deps: KeptSocketDeps;
  readonly #backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS);
  #socket: Socket | undefined;
  #heart: Heart | undefined;
  #heardMs = 0;
  #connectTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #refusedBackoff = new Backoff(REFUSED_RETRY_MS.first, REFUSED_RETRY_MS.last);
  /** Of the requests that ask whether the server is back; absent while there is a socket. */
  #probes: AbortController | undefined;
  #refusals = 0;
  #patience = 1;
  #unwatch: (() => void) | undefined;

  constructor(deps: KeptSocketDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (this.#unwatch) return;
    this.#unwatch = this.#deps.onWake(() => this.#wake());
    this.#connect();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#endRetries();
    this.#drop();
  }

  /** To a socket that is not open, nothing is sent. @returns whether it was */
  send(data: string | Uint8Array<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(data);
    return true;
  }

  /** The connection brought what it is for: the next one that is lost is tried again at once. */
  good(): void {
    this.#backoff.reset();
    this.#patience = 1;
  }

  /** Ends this connection, and begins another. */
  again(): void {
    this.#lost(ABNORMAL);
  }

  #connect(): void {
    this.#endRetries();
    const socket = this.#deps.open();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (this.#heart) this.#heart.heard();
      else this.#established();
      this.#heardMs = this.#deps.now();
      this.#deps.onMessage(data);
    };
    socket.onclose = ({ code }) => {
      if (this.#heart) this.#lost(code);
      else this.#failed(1);
    };
    // A socket that stays silent from the beginning is refused as well: a proxy keeps what the server sends.
    this.#connectTimer = setTimeout(() => this.#failed(REFUSALS), CONNECT_MS);
  }

  #established(): void {
    clearTimeout(this.#connectTimer);
    this.#refusals = 0;
    this.#refusedBackoff.reset();
    const { beat, now } = this.#deps;
    this.#heart = new Heart({
      beat: () => this.send(beat()),
      onDead: () => {
        this.#patience = Math.min(2 * this.#patience, MAX_PATIENCE);
        this.#lost(ABNORMAL);
      },
      patience: this.#patience,
      now,
    });
  }

  #failed(refusals: number): void {
    this.#drop();
    this.#refusals += refusals;
    this.#deps.onAway();
    this.#retry();
  }

  #lost(code: number): void {
    this.#drop();
    this.#deps.onLost(code);
    // Not if that has stopped it.
    if (this.#unwatch) this.#retry();
  }

  #retry(): void {
    this.#probes ??= new AbortController();
    const delayMs = this.#backoff.next();
    this.#retryTimer = setTimeout(() => this.#probe(), this.#deps.isHidden() ? Math.max(delayMs, HIDDEN_RETRY_MS) : delayMs);
  }

  /** The next one does not wait for this one: what is sent while the network is away may never be answered. */
  #probe(): void {
    const probes = this.#probes;
    if (!probes) return;
    clearTimeout(this.#retryTimer);
    this.#retry();
    const own = new AbortController();
    const end = () => own.abort();
    probes.signal.addEventListener('abort', end);
    const timer = setTimeout(end, PROBE_MS);
    this.#deps
      .probe(own.signal)
      .then(
        (answer) => {
          if (this.#probes === probes) this.#answered(answer);
        },
        () => {
          // The next one is on its way. WebSockets may have failed only because the server was away.
          if (this.#probes === probes) this.#refusals = 0;
        },
      )
      .finally(() => {
        clearTimeout(timer);
        probes.signal.removeEventListener('abort', end);
      });
  }

  #answered(answer: 'answers' | 'denied'): void {
    this.#endRetries();
    if (answer === 'denied') {
      this.stop();
      this.#deps.onDenied();
    } else if (this.#refusals < REFUSALS) this.#connect();
    else {
      this.#deps.onRefused();
      this.#retryTimer = setTimeout(() => this.#connect(), this.#refusedBackoff.next());
    }
  }

  #wake(): void {
    if (this.#heart) {
      if (this.#deps.now() - this.#heardMs > ANSWER_MS) this.#heart.check();
    } else if (this.#probes) {
      this.#backoff.reset();
      this.#probe();
    } else if (!this.#socket) this.#connect();
  }

  #endRetries(): void {
    clearTimeout(this.#retryTimer);
    this.#probes?.abort();
    this.#probes = undefined;
  }

  #drop(): void {
    clearTimeout(this.#connectTimer);
    this.#heart?.stop();
    this.#heart = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
