// A terminal’s output on its way to the screen: acked when it is shown, or at once while the page is hidden, so that it never stops the program.

/** Output that a hidden page’s screen may have pending; the rest waits here, since browsers let hidden pages render once a second, or once a minute. */
const HIDDEN_BYTES = 1024 * 1024;
/** The last of the rest is kept for when the page is visible again: as much as a window, and more than a screen. */
const TAIL_BYTES = 256 * 1024;

export interface OutputFlowDeps {
  readonly isHidden: () => boolean;
  readonly ack: (bytes: number) => void;
  /** @param isOld a question in it gets no answer. @param shown to be called when it is on the screen */
  readonly output: (bytes: Uint8Array, isOld: boolean, shown: () => void) => void;
  /** The screen starts over: output was left out. */
  readonly reset: () => void;
}

export class OutputFlow {
  readonly #deps: OutputFlowDeps;
  #isLive = false;
  #receivedBytes = 0;
  /** Or left out. */
  #shownBytes = 0;
  #ackedBytes = 0;
  /** The last output that the screen does not get; undefined while it gets everything. */
  #tail: Uint8Array[] | undefined;
  #tailBytes = 0;

  constructor(deps: OutputFlowDeps) {
    this.#deps = deps;
  }

  /** A replay follows: the screen starts over. */
  begin(): void {
    this.#isLive = false;
    this.#shownBytes += this.#forget();
  }

  /** Output from now on is live. */
  live(): void {
    this.#isLive = true;
  }

  push(bytes: Uint8Array): void {
    const isHidden = this.#deps.isHidden();
    this.#receivedBytes += bytes.length;
    if (isHidden && this.#receivedBytes - this.#shownBytes > HIDDEN_BYTES) this.#tail ??= [];
    if (this.#tail) this.#keep(this.#tail, bytes);
    else this.#write(bytes, !this.#isLive);
    if (isHidden) this.#ackUpTo(this.#receivedBytes);
  }

  /** The page was hidden, or is visible again. */
  visibilityChanged(): void {
    if (this.#deps.isHidden()) this.#ackUpTo(this.#receivedBytes);
    else this.catchUp();
  }

  /** Gives the screen the last of what it did not get. */
  catchUp(): void {
    const tail = this.#tail;
    if (!tail) return;
    this.#forget();
    this.#deps.reset();
    for (const bytes of tail) this.#write(bytes, true);
  }

  /** @returns the bytes that the screen does not get */
  #forget(): number {
    const bytes = this.#tailBytes;
    this.#tail = undefined;
    this.#tailBytes = 0;
    return bytes;
  }

  #write(bytes: Uint8Array, isOld: boolean): void {
    this.#deps.output(bytes, isOld, () => {
      this.#shownBytes += bytes.length;
      this.#ackUpTo(this.#shownBytes);
    });
  }

  #keep(tail: Uint8Array[], bytes: Uint8Array): void {
    tail.push(bytes);
    this.#tailBytes += bytes.length;
    for (let first = tail[0]; first && this.#tailBytes - first.length >= TAIL_BYTES; first = tail[0]) {
      tail.shift();
      this.#tailBytes -= first.length;
      this.#shownBytes += first.length;
    }
  }

  #ackUpTo(bytes: number): void {
    if (bytes <= this.#ackedBytes) return;
    const more = bytes - this.#ackedBytes;
    this.#ackedBytes = bytes;
    this.#deps.ack(more);
  }
}
