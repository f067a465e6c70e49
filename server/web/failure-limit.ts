// Limits wrong tokens: so many a minute from one address, and so many from all together.
import ipaddr from 'ipaddr.js';
import { ProblemError } from '../contract/problems.ts';
import { HttpProblem } from './problems.ts';

const WINDOW_MS = 60_000;
/** A /64: who has one IPv6 address has all of it. */
const NETWORK_BYTES = 8;

export interface FailureBudget {
  readonly perAddress: number;
  readonly together: number;
}

interface Count {
  failures: number;
  readonly endsMs: number;
}

function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const ip = ipaddr.process(address);
  return ip.kind() === 'ipv6' ? ip.toByteArray().slice(0, NETWORK_BYTES).join() : ip.toString();
}

export class FailureLimit {
  readonly #budget: FailureBudget;
  readonly #now: () => number;
  #byNetwork = new Map<string, Count>();
  #all: Count = { failures: 0, endsMs: 0 };

  constructor(budget: FailureBudget, now: () => number = Date.now) {
    this.#budget = budget;
    this.#now = now;
  }

  /** @throws HttpProblem rate_limited, with Retry-After, once the budget is used up */
  check(address: string): void {
    const own = this.#current(this.#byNetwork.get(networkOf(address)));
    if (own && own.failures >= this.#budget.perAddress) this.#refuse(own.endsMs);
    const all = this.#current(this.#all);
    if (all && all.failures >= this.#budget.together) this.#refuse(all.endsMs);
  }

  failed(address: string): void {
    const endsMs = this.#now() + WINDOW_MS;
    const network = networkOf(address);
    const own = this.#current(this.#byNetwork.get(network)) ?? { failures: 0, endsMs };
    own.failures++;
    this.#byNetwork.set(network, own);
    this.#all = this.#current(this.#all) ?? { failures: 0, endsMs };
    this.#all.failures++;
    // Remove networks whose minute is over.
    if (this.#byNetwork.size > this.#budget.together) {
      this.#byNetwork = new Map([...this.#byNetwork].filter(([, count]) => this.#current(count)));
    }
  }

  #current(count: Count | undefined): Count | undefined {
    return count && count.endsMs > this.#now() ? count : undefined;
  }

  #refuse(endsMs: number): never {
    const seconds = Math.max(1, Math.ceil((endsMs - this.#now()) / 1000));
    const { problem } = new ProblemError('rate_limited', `Too many wrong tokens: wait ${seconds} s before the next attempt.`);
    throw new HttpProblem(problem, { 'retry-after': String(seconds) });
  }
}
