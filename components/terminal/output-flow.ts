// A terminal's output on its way to the screen: acked when it is there, or at once while nobody sees the page, so that it never holds the program up.

/** So much that the screen of a hidden page has not drawn yet, and the rest waits here: browsers let it draw once a second, or once a minute. */
const HIDDEN_BYTES = 1024 * 1024;
/** Of the rest the last is kept, for when somebody looks: as much as a window, and more than a screen. */
const TAIL_BYTES = 256 * 1024;

export interface OutputFlowDeps {
  readonly isHidden: () => boolean;
  readonly ack: (bytes: number) => void;
  /** @param isOld nobody waits for an answer to a question in it. @param shown to be called when it is on the screen */
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
  /** The last of what the screen does not get; undefined while it gets everything. */
  #tail: Uint8Array[] | undefined;
  #tailBytes = 0;

  constructor(deps: OutputFlowDeps) {
    this.#deps = deps;
  }

  /** What comes from now on is said now. */
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

  /** The page was hidden, or somebody looks at it again. */
  visibilityChanged(): void {
    if (this.#deps.isHidden()) this.#ackUpTo(this.#receivedBytes);
    else this.catchUp();
  }

  /** Gives the screen the last of what it did not get. */
  catchUp(): void {
    const tail = this.#tail;
    if (!tail) return;
    this.#tail = undefined;
    this.#tailBytes = 0;
    this.#deps.reset();
    for (const bytes of tail) this.#write(bytes, true);
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
