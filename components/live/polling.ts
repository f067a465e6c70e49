// The stream’s messages by requests, one after another: for a network that lets no WebSocket through. Each answer is whole, so that a proxy that buffers delays none.

/** Few enough for a proxy, and often enough to act by. */
export const POLL_EVERY_MS = 2000;
const ANSWER_MS = 10_000;

export interface PollingDeps {
  readonly ask: (signal: AbortSignal) => Promise<readonly unknown[]>;
  readonly onAnswer: (messages: readonly unknown[]) => void;
  readonly onFault: () => void;
}

export class Polling {
  readonly #deps: PollingDeps;
  #run: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: PollingDeps) {
    this.#deps = deps;
  }

  get isOn(): boolean {
    return this.#run !== undefined;
  }

  start(): void {
    if (this.#run) return;
    this.#run = new AbortController();
    void this.#ask(this.#run);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#run?.abort();
    this.#run = undefined;
  }

  /** Asks at once, where it waits for the next time. */
  hurry(): void {
    const run = this.#run;
    if (!run || this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    void this.#ask(run);
  }

  async #ask(run: AbortController): Promise<void> {
    const own = new AbortController();
    const end = () => own.abort();
    const limit = setTimeout(end, ANSWER_MS);
    run.signal.addEventListener('abort', end);
    try {
      const messages = await this.#deps.ask(own.signal);
      if (this.#run === run) this.#deps.onAnswer(messages);
    } catch {
      if (this.#run === run) this.#deps.onFault();
    } finally {
      clearTimeout(limit);
      run.signal.removeEventListener('abort', end);
    }
    if (this.#run !== run) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#ask(run);
    }, POLL_EVERY_MS);
  }
}
