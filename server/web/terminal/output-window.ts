// Flow control of a terminal's output to one client: at most a window without ack; the rest waits, and the source is paused. A client that takes
// too little falls behind: it misses output, so that it does not slow the program.
import { WINDOW_BYTES } from '../../contract/terminal-bounds.ts';

/** A client that takes less between two checks (half a second) while the source is paused is slow: a page that is visible takes several times that. */
const SLOW_BYTES = 1024 * 1024;
/** The end of the missed output that is kept, in case that the program ends meanwhile. */
const MISSED_BYTES = 64 * 1024;

export interface OutputWindowOptions {
  readonly send: (bytes: Uint8Array) => void;
  /** Pauses or resumes the source. Some that it has read before may still be pushed. */
  readonly pause: (paused: boolean) => void;
  /** The client has missed output, and has acked all that it was sent. */
  readonly caughtUp: () => void;
}

export class OutputWindow {
  readonly #options: OutputWindowOptions;
  #unackedBytes = 0;
  #waiting: Uint8Array[] = [];
  #isPaused = false;
  /** The state at the last check, and what was acked since. */
  #wasPaused = false;
  #ackedBytes = 0;
  /** A client that fell behind may not pause the source again at once. */
  #isSlow = false;
  /** The end of what the client misses; undefined while it gets everything. */
  #missed: MissedOutput | undefined;

  constructor(options: OutputWindowOptions) {
    this.#options = options;
  }

  /** Whether the client has acked or was sent everything that it gets. */
  get isDrained(): boolean {
    return this.#missed ? this.#unackedBytes === 0 : this.#waiting.length === 0;
  }

  get isBehind(): boolean {
    return this.#missed !== undefined;
  }

  push(bytes: Uint8Array): void {
    if (this.#missed) this.#missed.push(bytes);
    else {
      this.#waiting.push(bytes);
      this.#send();
    }
  }

  /** @returns false for more bytes than were sent */
  ack(bytes: number): boolean {
    if (bytes > this.#unackedBytes) return false;
    this.#unackedBytes -= bytes;
    this.#ackedBytes += bytes;
    if (!this.#missed) this.#send();
    else if (this.#unackedBytes === 0) this.#options.caughtUp();
    return true;
  }

  /** Called about twice a second. */
  check(): void {
    if (this.#isPaused && this.#wasPaused && this.#ackedBytes < SLOW_BYTES) this.#fallBehind();
    else if (!this.#isPaused && !this.#wasPaused && !this.#missed) this.#isSlow = false;
    this.#wasPaused = this.#isPaused;
    this.#ackedBytes = 0;
  }

  /** The client gets everything from now on. @returns the end of what it has missed, from the beginning of a line */
  restart(): Uint8Array {
    const missed = this.#missed?.lastLines() ?? new Uint8Array();
    this.#missed = undefined;
    return missed;
  }

  #fallBehind(): void {
    this.#isSlow = true;
    this.#missed = new MissedOutput();
    for (const bytes of this.#waiting) this.#missed.push(bytes);
    this.#waiting = [];
    this.#isPaused = false;
    this.#options.pause(false);
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
    if (isFull === this.#isPaused) return;
    this.#isPaused = isFull;
    if (isFull && this.#isSlow) this.#fallBehind();
    else this.#options.pause(isFull);
  }
}

class MissedOutput {
  readonly #bytes = Buffer.alloc(2 * MISSED_BYTES);
  #length = 0;
  #isCut = false;

  push(bytes: Uint8Array): void {
    const last = bytes.subarray(-MISSED_BYTES);
    if (last.length < bytes.length) {
      this.#length = 0;
      this.#isCut = true;
    }
    if (this.#length + last.length > this.#bytes.length) {
      this.#bytes.copyWithin(0, this.#length - MISSED_BYTES, this.#length);
      this.#length = MISSED_BYTES;
      this.#isCut = true;
    }
    this.#bytes.set(last, this.#length);
    this.#length += last.length;
  }

  lastLines(): Uint8Array {
    const kept = this.#bytes.subarray(0, this.#length);
    return this.#isCut ? kept.subarray(kept.indexOf('\n') + 1) : kept;
  }
}
