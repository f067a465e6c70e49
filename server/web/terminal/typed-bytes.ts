// How many typed bytes of each screen were passed on to its program, over all of its connections: a page that lost one knows what to send again.

/** Screens that are remembered, the latest: each is a few words. */
const MAX_SCREENS = 1000;

interface Typed {
  readonly run: string | undefined;
  taken: number;
}

/** A screen without a name is not counted. */
export class TypedBytes {
  readonly #screens = new Map<string, Typed>();

  /** A connection of the screen begins. @returns undefined where nothing is known of it in this run: counting begins */
  begin(screen: string | undefined, run: string | undefined): number | undefined {
    if (screen === undefined) return undefined;
    const known = this.#screens.get(screen);
    this.#screens.delete(screen);
    const goesOn = known !== undefined && known.run === run;
    this.#screens.set(screen, goesOn ? known : { run, taken: 0 });
    for (const [oldest] of this.#screens) {
      if (this.#screens.size <= MAX_SCREENS) break;
      this.#screens.delete(oldest);
    }
    return goesOn ? known.taken : undefined;
  }

  taken(screen: string | undefined): number | undefined {
    return this.#screens.get(screen ?? '')?.taken;
  }

  add(screen: string | undefined, bytes: number): void {
    const known = this.#screens.get(screen ?? '');
    if (known) known.taken += bytes;
  }
}
