// Calls that wait for answers: a limited number at the agent, the rest queued, each with a time limit.
import { takesKey } from '../contract/call-key.ts';
import { type CallName, calls } from '../contract/calls.ts';
import { MAX_GRACE_MS } from '../contract/launch.ts';
import type { LinkRequest } from '../contract/link.ts';
import { ProblemError } from '../contract/problems.ts';
import { MAX_REQUEST_BYTES } from './bounds.ts';

/** Calls at the agent at once: a burst of requests must not delay its tick. */
const IN_FLIGHT = 32;
const MAX_QUEUED = 2_000;
/** Longer than the agent waits for anything but long calls. */
const PATIENCE_MS = 60_000;
/** Calls that take as long as their caller says. They do not count as in flight, since they can take minutes. */
const LONG_MS: Partial<Record<CallName, number>> = { stop: MAX_GRACE_MS + PATIENCE_MS };

interface Waiting {
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
  #queue: Waiting[] = [];
  #lastId = 0;
  /** Sent and not answered, without long ones. */
  #inFlight = 0;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  ask(request: Omit<LinkRequest, 'id'>): Promise<unknown> {
    const id = ++this.#lastId;
    const text = JSON.stringify({ id, ...request });
    if (Buffer.byteLength(text) > MAX_REQUEST_BYTES) {
      return Promise.reject(new ProblemError('invalid', 'The request is too large for the agent: make it smaller.'));
    }
    if (this.#queue.length >= MAX_QUEUED || this.#asked.size >= MAX_QUEUED) {
      return Promise.reject(
        new ProblemError('rate_limited', `${MAX_QUEUED} requests are waiting for the agent already: send them more slowly.`),
      );
    }
    return new Promise((resolve, reject) => {
      const waiting = { id, text, isAct: takesKey(calls[request.call]), longMs: LONG_MS[request.call], resolve, reject };
      if (waiting.longMs === undefined) this.#queue.push(waiting);
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
    const [asked, queue] = [[...this.#asked.values()], this.#queue];
    this.#asked.clear();
    this.#queue = [];
    this.#inFlight = 0;
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
    clearTimeout(waiting.timer);
    return waiting;
  }

  #next(): void {
    while (this.#inFlight < IN_FLIGHT) {
      const waiting = this.#queue.shift();
      if (!waiting) return;
      this.#inFlight++;
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

function lost(isAct: boolean, what: string): ProblemError {
  if (!isAct) return new ProblemError('agent_unavailable', `${what}: try again.`);
  return new ProblemError('answer_lost', `${what}: repeat the call with its Idempotency-Key, or look whether it was done.`);
}
