// The agent's clocks: one for timers, which tests replace, and the monotonic clock that measures latencies.

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls `callback` once after `ms`; the returned function cancels that. */
  after(ms: number, callback: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** CLOCK_MONOTONIC in milliseconds (clock_gettime(2)), the clock of the time stamps that native/kernel puts on wake-ups. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
