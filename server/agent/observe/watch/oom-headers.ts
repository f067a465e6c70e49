// Whether the kernel may have begun an OOM kill without its first lines: oom_kill_process() leaves out dump_header() after ten in five seconds.

/** DEFAULT_RATELIMIT_BURST */
const BURST = 10;
/** DEFAULT_RATELIMIT_INTERVAL, and a second more: the log's clock is not the limit's. */
const INTERVAL_USEC = 6_000_000;

export class OomHeaders {
  /** When the last ten were printed. */
  #printed: number[] = [];
  #completeSinceUsec = Number.NEGATIVE_INFINITY;

  /** What was printed before is not known. */
  lostUntil(timeUsec: number): void {
    this.#completeSinceUsec = timeUsec;
  }

  printed(timeUsec: number): void {
    this.#printed = [...this.#printed, timeUsec].slice(-BURST);
  }

  /** Whether each kill since then has its header. */
  areComplete(sinceUsec: number): boolean {
    const [first = Number.NEGATIVE_INFINITY] = this.#printed.length < BURST ? [] : this.#printed;
    return sinceUsec - this.#completeSinceUsec > INTERVAL_USEC && sinceUsec - first > INTERVAL_USEC;
  }
}
