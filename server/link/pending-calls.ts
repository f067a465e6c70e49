// Calls that wait for answers: a limited number at the agent, the rest queued, acts first, each with a time limit.
import { takesKey } from '../contract/call.ts';
import { type CallName, calls } from '../contract/calls.ts';
import { MAX_GRACE_MS } from '../contract/launch-options.ts';
import type { LinkRequest } from '../contract/link.ts';
import { ProblemError } from '../contract/problems.ts';
import { MAX_REQUEST_BYTES } from './bounds.ts';

/** Calls at the agent at once: a burst of requests must not delay its tick. */
const IN_FLIGHT = 32;
/** Of them: an operator's call does not wait for viewers'. */
const VIEWERS_IN_FLIGHT = 24;
/** In addition, for acts: a freeze does not wait for what only reads. */
const ACTS_MORE = 4;
/** Their answers have up to megabytes, which both processes and the link between them must pass on before any other. */
const LARGE: ReadonlySet<CallName> = new Set(['events']);
const LARGE_IN_FLIGHT = 4;
const MAX_QUEUED = 2_000;
/** Of them: viewers must not keep an operator's call out. */
const VIEWERS_QUEUED = 1_500;
/** Longer than the agent waits for anything but long calls. */
const PATIENCE_MS = 60_000;
/** Calls that take as long as their caller says. They do not count as in flight, since they can take minutes. */
const LONG_MS: Partial<Record<CallName, number>> = { stop: MAX_GRACE_MS + PATIENCE_MS };

/** Calls of one kind that wait, and how many may be at the agent, these included, for one of them to be sent. */
interface Lane {
  readonly most: number;
  readonly isLarge: boolean;
  readonly waiting: Waiting[];
}

interface Waiting {
  readonly isLarge: boolean;
  /** Undefined for a call that is queued. */
  readonly longMs: number | undefined;
  readonly text: string;
  /** It changes something, so that a lost answer leaves unknown whether it was done. */
  readonly isAct: boolean;
  readonly id: number;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: ProblemError) => void;
  timer?: NodeJS.Timeout;
}

export class PendingCalls {
  readonly #write: (text: string) => void;
  readonly #asked = new Map<number, Waiting>();
  readonly #acts: Lane = lane(IN_FLIGHT + ACTS_MORE);
  readonly #operators = [lane(IN_FLIGHT), lane(IN_FLIGHT, true)] as const;
  readonly #viewers = [lane(VIEWERS_IN_FLIGHT), lane(VIEWERS_IN_FLIGHT, true)] as const;
  /** In the order in which they are served. */
  readonly #lanes: readonly Lane[] = [this.#acts, ...this.#operators, ...this.#viewers];
  #lastId = 0;
  /** Sent and not answered, without long ones. */
  #inFlight = 0;
  #largeInFlight = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  ask(request: Omit<LinkRequest, 'id'>): Promise<unknown> {
    const id = ++this.#lastId;
    const text = JSON.stringify({ id, ...request });
    if (Buffer.byteLength(text) > MAX_REQUEST_BYTES) {
      return Promise.reject(new ProblemError('invalid', 'The request is too large for the agent: make it smaller.'));
    }
    const most = request.by.role === 'operator' ? MAX_QUEUED : VIEWERS_QUEUED;
    if (this.#lanes.reduce((sum, { waiting }) => sum + waiting.length, 0) >= most || this.#asked.size >= MAX_QUEUED) {
      return Promise.reject(new ProblemError('rate_limited', `${most} requests are waiting for the agent already: send them more slowly.`));
    }
    const isAct = takesKey(calls[request.call]);
    const isLarge = LARGE.has(request.call);
    const reads = request.by.role === 'operator' ? this.#operators : this.#viewers;
    const lane = isAct ? this.#acts : reads[isLarge ? 1 : 0];
    return new Promise((resolve, reject) => {
      const waiting = { id, text, isAct, isLarge, longMs: LONG_MS[request.call], resolve, reject };
      if (waiting.longMs === undefined) lane.waiting.push(waiting);
      else this.#send(waiting);
      this.#next();
    });
  }

  answer(id: number, result: unknown): void {
    this.#take(id)?.resolve(result);
    this.#next();
  }

  fail(id: number, error: ProblemError): void {
    this.#take(id)?.reject(error);
    this.#next();
  }

  /** The connection is lost; the agent may or may not have carried out the calls. */
  failAll(): void {
    const asked = [...this.#asked.values()];
    const queue = this.#lanes.flatMap(({ waiting }) => waiting.splice(0));
    this.#asked.clear();
    this.#inFlight = 0;
    this.#largeInFlight = 0;
    for (const { isAct, reject, timer } of asked) {
      clearTimeout(timer);
      reject(lost(isAct, 'The connection to the agent was lost before it answered'));
    }
    for (const { reject } of queue)
      reject(new ProblemError('agent_unavailable', 'The agent was not reached, so nothing was done: try again.'));
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#asked.get(id);
    if (!waiting) return undefined;
    this.#asked.delete(id);
    if (waiting.longMs === undefined) this.#inFlight--;
    if (waiting.isLarge) this.#largeInFlight--;
    clearTimeout(waiting.timer);
    return waiting;
  }

  #next(): void {
    const hasRoom = ({ most, isLarge, waiting }: Lane) =>
      waiting.length > 0 && this.#inFlight < most && !(isLarge && this.#largeInFlight >= LARGE_IN_FLIGHT);
    for (;;) {
      const waiting = this.#lanes.find(hasRoom)?.waiting.shift();
      if (!waiting) return;
      this.#inFlight++;
      if (waiting.isLarge) this.#largeInFlight++;
      this.#send(waiting);
    }
  }

  #send(waiting: Waiting): void {
    const limitMs = waiting.longMs ?? PATIENCE_MS;
    waiting.timer = setTimeout(() => {
      this.fail(waiting.id, lost(waiting.isAct, `The agent has not answered for ${limitMs / 1000} s`));
    }, limitMs);
    this.#asked.set(waiting.id, waiting);
    this.#write(waiting.text);
  }
}

function lane(most: number, isLarge = false): Lane {
  return { most, isLarge, waiting: [] };
}

function lost(isAct: boolean, what: string): ProblemError {
  if (!isAct) return new ProblemError('agent_unavailable', `${what}: try again.`);
  return new ProblemError('answer_lost', `${what}: repeat the call with its Idempotency-Key, or look whether it was done.`);
}
