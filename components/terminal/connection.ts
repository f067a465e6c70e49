// The browser’s end of a terminal: one WebSocket that reconnects by itself, acks what was shown, and knows why it has ended.
import { Backoff } from '../../server/contract/backoff.ts';
import { parseJson } from '../../server/contract/parse-json.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { MAX_INPUT_BYTES, TerminalMessage, type TerminalRequest } from '../../server/contract/terminal.ts';
import { OutputFlow } from './output-flow.ts';

/** Who does not answer, or that this page took the output too slowly and was disconnected. */
type Cause = 'server' | 'agent' | 'behind';

export type TerminalState =
  | { readonly is: 'connecting' }
  | { readonly is: 'live'; readonly mayType: boolean }
  /** The screen is from before `sinceMs` (wall clock). */
  | { readonly is: 'reconnecting'; readonly sinceMs: number; readonly cause: Cause }
  | { readonly is: 'ended' }
  | { readonly is: 'problem'; readonly problem: Problem }
  | { readonly is: 'denied' };

/** What the connection needs of a WebSocket; tests have their own. */
export interface TerminalSocket {
  binaryType: string;
  readonly readyState: number;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((close: { code: number }) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

export interface TerminalDeps {
  readonly open: () => TerminalSocket;
  /** A connection ended in a way that may mean that the session has ended. True: stop trying. */
  readonly isDenied: () => Promise<boolean>;
  /** Whether the page is hidden. */
  readonly isHidden: () => boolean;
  /** Wall clock, ms. */
  readonly now: () => number;
  readonly onState: (state: TerminalState) => void;
  /** The screen starts over: the next output begins with the last that the terminal wrote, or that this page was sent. */
  readonly onReset: () => void;
  /** @param isOld output from before this connection, or from while the page was hidden: a question in it gets no answer. @param shown to be called when it is on the screen */
  readonly onOutput: (bytes: Uint8Array, isOld: boolean, shown: () => void) => void;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 3000;
/** The range of winsize, as in the contract. */
const MAX_CELLS = 1000;
/** WebSocket.OPEN */
const OPEN = 1;
const NORMAL = 1000;
const POLICY_VIOLATION = 1008;
const TRY_AGAIN = 1013;

export class TerminalConnection {
  readonly #deps: TerminalDeps;
  #socket: TerminalSocket | undefined;
  #state: TerminalState = { is: 'connecting' };
  #size: Extract<TerminalRequest, { type: 'resize' }> | undefined;
  #wasLive = false;
  #problem: Problem | undefined;
  #flow: OutputFlow | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #backoff = new Backoff(FIRST_RETRY_MS, LAST_RETRY_MS);
  #isStopped = false;

  constructor(deps: TerminalDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#connect();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retryTimer);
    this.#drop();
  }

  /** Typed text; ignored where typing is off. */
  type(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#mayType) return;
    for (let at = 0; at < bytes.length; at += MAX_INPUT_BYTES) this.#send(bytes.subarray(at, at + MAX_INPUT_BYTES));
  }

  /** The screen has another size; a new connection sends the last one. */
  resize(columns: number, rows: number): void {
    this.#size = { type: 'resize', columns: Math.min(columns, MAX_CELLS), rows: Math.min(rows, MAX_CELLS) };
    if (this.#mayType) this.#request(this.#size);
  }

  /** The page was hidden, or is visible again. */
  visibilityChanged(): void {
    this.#flow?.visibilityChanged();
  }

  get #mayType(): boolean {
    return this.#state.is === 'live' && this.#state.mayType;
  }

  #request(request: TerminalRequest): void {
    this.#send(JSON.stringify(request));
  }

  /** A busy page learns late that its socket is closed; until then there is no receiver. */
  #send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(data);
  }

  #become(state: TerminalState): void {
    this.#state = state;
    this.#deps.onState(state);
  }

  #connect(): void {
    const socket = this.#deps.open();
    this.#socket = socket;
    this.#problem = undefined;
    let hasBegun = false;
    // One for each connection: an earlier one’s output is not acked by this one.
    const flow = new OutputFlow({
      isHidden: this.#deps.isHidden,
      ack: (bytes) => {
        if (this.#socket === socket) this.#request({ type: 'ack', bytes });
      },
      output: this.#deps.onOutput,
      reset: this.#deps.onReset,
    });
    this.#flow = flow;
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      if (typeof data !== 'string') {
        if (data instanceof ArrayBuffer && data.byteLength > 0) flow.push(new Uint8Array(data));
        return;
      }
      const message = TerminalMessage.safeParse(parseJson(data));
      if (message.data?.type === 'begin') hasBegun = true;
      if (message.success) this.#receive(message.data);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) void this.#lost(code, hasBegun);
    };
  }

  #receive(message: TerminalMessage): void {
    switch (message.type) {
      case 'begin':
        this.#begin(message.mayType);
        break;
      case 'live':
        this.#flow?.live();
        break;
      case 'end':
        this.#over({ is: 'ended' });
        break;
      case 'problem':
        this.#problem = message.problem;
        break;
      default:
        message satisfies never;
    }
  }

  #begin(mayType: boolean): void {
    this.#flow?.begin();
    if (this.#wasLive) this.#deps.onReset();
    this.#wasLive = true;
    this.#backoff.reset();
    this.#become({ is: 'live', mayType });
    if (mayType && this.#size) this.#request(this.#size);
  }

  async #lost(code: number, hasBegun: boolean): Promise<void> {
    const problem = this.#problem;
    this.#drop();
    if (problem && code === NORMAL) {
      // It ended while there was no connection: its last screen is still here.
      this.#become(problem.code === 'conflict' && this.#wasLive ? { is: 'ended' } : { is: 'problem', problem });
      return;
    }
    if (this.#state.is === 'live') {
      this.#become({ is: 'reconnecting', sinceMs: this.#deps.now(), cause: causeOf(code, problem) });
    }
    const denied = (!hasBegun || code === POLICY_VIOLATION) && (await this.#deps.isDenied());
    if (this.#isStopped) return;
    if (denied) {
      this.#become({ is: 'denied' });
      return;
    }
    this.#retryTimer = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #over(state: TerminalState): void {
    this.#drop();
    this.#become(state);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    // Perhaps the last screen.
    this.#flow?.catchUp();
    socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

function causeOf(code: number, problem: Problem | undefined): Cause {
  if (problem?.code === 'agent_unavailable') return 'agent';
  return code === TRY_AGAIN ? 'behind' : 'server';
}
