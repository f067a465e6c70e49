// The clocks of the agent: one for timers that a test can hold, and the monotonic one that latencies are measured by.

export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Calls back once after so many milliseconds; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** CLOCK_MONOTONIC in milliseconds (clock_gettime(2)), the clock that native/kernel stamps wake-ups with. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
