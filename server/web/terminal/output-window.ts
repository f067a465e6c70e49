// Flow control of a terminal's output to one client: at most a window without ack; the rest waits, and the source is paused.
import { WINDOW_BYTES } from '../../contract/terminal.ts';

export interface OutputWindowOptions {
  readonly send: (bytes: Uint8Array) => void;
  /** Pauses or resumes the source. Some that it has read before may still be pushed. */
  readonly pause: (paused: boolean) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export class OutputWindow {
  readonly #options: OutputWindowOptions;
  #unackedBytes = 0;
  #waiting: Uint8Array[] = [];
  #fullSinceMs: number | undefined;
  #isPaused = false;

  constructor(options: OutputWindowOptions) {
    this.#options = options;
  }

  /** Whether everything that was pushed has been sent. */
  get isDrained(): boolean {
    return this.#waiting.length === 0;
  }

  push(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
    this.#send();
  }

  /** @returns false for more bytes than were sent */
  ack(bytes: number): boolean {
    if (bytes > this.#unackedBytes) return false;
    this.#unackedBytes -= bytes;
    this.#fullSinceMs = undefined;
    this.#send();
    return true;
  }

  /** How long it has been full without an ack, in ms; 0 while there is room. */
  get stalledMs(): number {
    return this.#fullSinceMs === undefined ? 0 : this.#options.now() - this.#fullSinceMs;
  }

  #send(): void {
    while (this.#unackedBytes < WINDOW_BYTES) {
      const next = this.#waiting.shift();
      if (!next) break;
      const part = next.subarray(0, WINDOW_BYTES - this.#unackedBytes);
      if (part.length < next.length) this.#waiting.unshift(next.subarray(part.length));
      this.#unackedBytes += part.length;
      this.#options.send(part);
    }
    const isFull = this.#unackedBytes >= WINDOW_BYTES;
    if (isFull) this.#fullSinceMs ??= this.#options.now();
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    this.#options.pause(isFull);
  }
}
