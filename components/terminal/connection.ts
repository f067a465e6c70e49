// The browser’s end of a terminal: over a socket that is replaced when it is lost, it acks what was shown, types each byte once, and knows why it has ended.
import { messageOf } from '../../server/contract/parse-json.ts';
import type { Problem } from '../../server/contract/problems.ts';
import type { TerminalMessage, TerminalRequest, TerminalSize } from '../../server/contract/terminal.ts';
import { MAX_INPUT_BYTES } from '../../server/contract/terminal-bounds.ts';
import { type Connecting, KeptSocket } from '../live/kept-socket.ts';
import { OutputFlow } from './output-flow.ts';
import { Typed } from './typed.ts';

/** Who does not answer, or that this page took the output too slowly and was disconnected. */
type Cause = 'server' | 'agent' | 'behind';

export type TerminalState =
  | { readonly is: 'connecting' }
  /** Typed bytes that are lost, or may be. */
  | {
      readonly is: 'live';
      readonly mayType: boolean;
      readonly lostBytes: number;
      /** Another screen has given the terminal a size that is not this one’s. */
      readonly otherSize?: TerminalSize;
    }
  /** The screen is from before `sinceMs` (wall clock); what was typed since waits. */
  | {
      readonly is: 'reconnecting';
      readonly sinceMs: number;
      readonly cause: Cause;
      readonly mayType: boolean;
      readonly waitingBytes: number;
    }
  | { readonly is: 'ended'; readonly lostBytes: number }
  /** The server answers, but not to WebSockets. It is tried again. */
  | { readonly is: 'refused' }
  | { readonly is: 'problem'; readonly problem: Problem; readonly lostBytes: number }
  | { readonly is: 'denied' };

export interface TerminalDeps extends Connecting {
  readonly onState: (state: TerminalState) => void;
  /** The screen starts over: the next output begins with the last that the terminal wrote, or that this page was sent. */
  readonly onReset: () => void;
  /** @param isOld output from before this connection, or from while the page was hidden: a question in it gets no answer. @param shown to be called when it is on the screen */
  readonly onOutput: (bytes: Uint8Array, isOld: boolean, shown: () => void) => void;
}

/** The range of winsize, as in the contract. */
const MAX_CELLS = 1000;
/** After so much typed, the server is asked what it got: no more than this has to be kept. */
const ASK_EVERY_BYTES = 32 * 1024;
const NORMAL = 1000;
const TRY_AGAIN = 1013;
const BEAT = JSON.stringify({ type: 'beat' } satisfies TerminalRequest);

const TYPES = { begin: true, live: true, end: true, beat: true, size: true, problem: true } as const;

export class TerminalConnection {
  readonly #deps: TerminalDeps;
  readonly #socket: KeptSocket;
  readonly #typed = new Typed();
  #state: TerminalState = { is: 'connecting' };
  #size: Extract<TerminalRequest, { type: 'resize' }> | undefined;
  #wasLive = false;
  /** On the present connection. */
  #hasBegun = false;
  #run: string | undefined;
  #problem: Problem | undefined;
  #flow: OutputFlow | undefined;
  #unaskedBytes = 0;

  constructor(deps: TerminalDeps) {
    this.#deps = deps;
    this.#socket = new KeptSocket({
      ...deps,
      open: () => this.#open(),
      beat: () => BEAT,
      onMessage: (data) => this.#message(data),
      onLost: (code) => this.#lost(code),
      onAway: () => undefined,
      onDenied: () => this.#over({ is: 'denied' }),
      onRefused: () => this.#become({ is: 'refused' }),
    });
  }

  start(): void {
    this.#socket.start();
  }

  stop(): void {
    // Perhaps the last screen.
    this.#flow?.catchUp();
    this.#socket.stop();
  }

  /** Typed text; it waits while the connection is away, and is ignored where typing is off. */
  type(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#mayType) for (let at = 0; at < bytes.length; at += MAX_INPUT_BYTES) this.#send(bytes.subarray(at, at + MAX_INPUT_BYTES));
    else if (this.#state.is === 'reconnecting' && this.#state.mayType) {
      this.#typed.waiting(bytes);
      this.#become({ ...this.#state, waitingBytes: this.#typed.waitingBytes });
    }
  }

  /** The screen has another size; a new connection sends the last one. */
  resize(columns: number, rows: number): void {
    this.#size = { type: 'resize', columns: Math.min(columns, MAX_CELLS), rows: Math.min(rows, MAX_CELLS) };
    if (this.#mayType) this.applySize();
  }

  /** The terminal gets this screen’s size, also where another screen has set one. */
  applySize(): void {
    if (!this.#mayType || !this.#size) return;
    this.#request(this.#size);
    this.#sized(undefined);
  }

  #sized(other: TerminalSize | undefined): void {
    if (this.#state.is !== 'live') return;
    const { otherSize: before, ...state } = this.#state;
    const isOwn = !other || (other.columns === this.#size?.columns && other.rows === this.#size.rows);
    if (before || !isOwn) this.#become(isOwn ? state : { ...state, otherSize: { columns: other.columns, rows: other.rows } });
  }

  /** The page was hidden, or is visible again. */
  visibilityChanged(): void {
    this.#flow?.visibilityChanged();
  }

  get #mayType(): boolean {
    return this.#state.is === 'live' && this.#state.mayType;
  }

  #request(request: TerminalRequest): void {
    this.#socket.send(JSON.stringify(request));
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    // A busy page learns late that its socket is closed.
    if (!this.#socket.send(bytes)) this.#typed.waiting(bytes);
    else {
      this.#typed.sent(bytes);
      this.#asked(bytes.length);
    }
  }

  #asked(bytes: number): void {
    this.#unaskedBytes += bytes;
    if (this.#unaskedBytes < ASK_EVERY_BYTES) return;
    this.#unaskedBytes = 0;
    this.#socket.send(BEAT);
  }

  #become(state: TerminalState): void {
    this.#state = state;
    this.#deps.onState(state);
  }

  #open(): ReturnType<TerminalDeps['open']> {
    this.#problem = undefined;
    this.#hasBegun = false;
    // One for each connection: an earlier one’s output is not acked by this one.
    const flow = new OutputFlow({
      isHidden: this.#deps.isHidden,
      ack: (bytes) => {
        if (this.#flow === flow) this.#request({ type: 'ack', bytes });
      },
      output: this.#deps.onOutput,
      reset: this.#deps.onReset,
    });
    this.#flow = flow;
    return this.#deps.open();
  }

  #message(data: unknown): void {
    if (typeof data === 'string') {
      const message = messageOf<TerminalMessage>(data, TYPES);
      if (message) this.#receive(message);
    } else if (data instanceof ArrayBuffer && data.byteLength > 0) this.#flow?.push(new Uint8Array(data));
  }

  #receive(message: TerminalMessage): void {
    switch (message.type) {
      case 'begin':
        this.#begin(message);
        break;
      case 'live':
        this.#flow?.live();
        break;
      case 'end':
        this.#ended();
        break;
      case 'beat':
        if (message.taken !== undefined) this.#typed.taken(message.taken);
        break;
      case 'size':
        this.#sized(message);
        break;
      case 'problem':
        this.#problem = message.problem;
        break;
      default:
        message satisfies never;
    }
  }

  #begin({ mayType, run, taken }: Extract<TerminalMessage, { type: 'begin' }>): void {
    this.#flow?.begin();
    if (this.#wasLive) this.#deps.onReset();
    this.#socket.good();
    let lostBytes = 0;
    if (this.#hasBegun) {
      // It continues on this connection, after output that was missed: what is on its way there arrives.
      if (taken !== undefined) this.#typed.taken(taken);
    } else {
      if (this.#wasLive && this.#run !== run) lostBytes = this.#typed.forget();
      const { send, lost } = this.#typed.begin(taken);
      lostBytes += lost;
      if (mayType) for (const bytes of send) this.#socket.send(bytes);
    }
    this.#wasLive = this.#hasBegun = true;
    this.#run = run;
    this.#become({ is: 'live', mayType, lostBytes });
    if (mayType && this.#size) this.#request(this.#size);
  }

  #lost(code: number): void {
    this.#flow?.catchUp();
    const problem = this.#problem;
    if (problem && code === NORMAL) {
      // It ended while there was no connection: its last screen is still here.
      if (problem.code === 'conflict' && this.#wasLive) this.#ended();
      else this.#over({ is: 'problem', problem, lostBytes: this.#typed.forget() });
      return;
    }
    if (this.#state.is !== 'live') return;
    const { mayType } = this.#state;
    const cause = causeOf(code, problem);
    this.#become({ is: 'reconnecting', sinceMs: this.#deps.now(), cause, mayType, waitingBytes: this.#typed.waitingBytes });
  }

  #ended(): void {
    this.#over({ is: 'ended', lostBytes: this.#typed.forget() });
  }

  #over(state: TerminalState): void {
    this.stop();
    this.#become(state);
  }
}

function causeOf(code: number, problem: Problem | undefined): Cause {
  if (problem?.code === 'agent_unavailable') return 'agent';
  return code === TRY_AGAIN ? 'behind' : 'server';
}
