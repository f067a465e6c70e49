// The beats of one connection: asks the other side for a word every few seconds, and knows when too many were missed.

/** Also the server's answer to each beat is a word: so often at the least one is heard. */
export const BEAT_MS = 5000;
/** Beats without a word after which the connection is dead: one that is 10 s late ends nothing. */
const MISSED_BEATS = 3;
/** For a word after the last beat, or after the page was woken. */
export const ANSWER_MS = 1500;

export interface HeartDeps {
  readonly beat: () => void;
  readonly onDead: () => void;
  /** Times ANSWER_MS: for a line so slow that one message takes longer. */
  readonly patience: number;
  /** Milliseconds, of any clock that goes on while the machine sleeps. */
  readonly now: () => number;
}

export class Heart {
  readonly #deps: HeartDeps;
  #missed = 0;
  #beatTimer: ReturnType<typeof setTimeout> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: HeartDeps) {
    this.#deps = deps;
    this.#later();
  }

  stop(): void {
    clearTimeout(this.#beatTimer);
    this.heard();
  }

  /** Anything has arrived. */
  heard(): void {
    this.#missed = 0;
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
  }

  /** Asks for a word now, and waits shortly. */
  check(): void {
    this.#deps.beat();
    this.#answerTimer ??= setTimeout(() => this.#deps.onDead(), ANSWER_MS * this.#deps.patience);
  }

  #later(): void {
    const dueMs = this.#deps.now() + BEAT_MS;
    this.#beatTimer = setTimeout(() => this.#beat(dueMs), BEAT_MS);
  }

  #beat(dueMs: number): void {
    this.#later();
    // A timer that jumped: the machine slept, or the browser slows a hidden page. Nothing could be heard meanwhile, so nothing was missed.
    const jumped = this.#deps.now() - dueMs > BEAT_MS;
    this.#missed++;
    if (jumped || this.#missed >= MISSED_BEATS * this.#deps.patience) this.check();
    else this.#deps.beat();
  }
}
