// Which group's detail the stream brings: that of the group that the page shows. What a person passes by quickly is not asked for.

/** Between two requests; the server takes a few messages a second. */
const GAP_MS = 250;

export class DetailWanted {
  readonly #ask: (path: string | undefined) => void;
  /** The last is the one that counts: when pages change, both are there for a moment. */
  readonly #wanted: string[] = [];
  #asked: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isResting = false;

  constructor(ask: (path: string | undefined) => void) {
    this.#ask = ask;
  }

  /** @returns ends it */
  want(path: string): () => void {
    this.#wanted.push(path);
    this.#plan();
    return () => {
      this.#wanted.splice(this.#wanted.lastIndexOf(path), 1);
      this.#plan();
    };
  }

  /** One page goes and the next comes in the same moment: that is one request. */
  #plan(): void {
    if (this.#isResting) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), 0);
  }

  #send(): void {
    this.#isResting = false;
    const path = this.#wanted.at(-1);
    if (path === this.#asked) return;
    this.#asked = path;
    this.#ask(path);
    this.#isResting = true;
    this.#timer = setTimeout(() => this.#send(), GAP_MS);
  }
}
