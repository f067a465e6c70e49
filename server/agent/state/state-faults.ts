// Present faults of files in the state folder, a sentence each, which the page shows.

export class StateFaults {
  readonly #sentences = new Map<string, string>();

  /** @param sentence undefined if the fault is over */
  set(file: string, sentence: string | undefined): void {
    if (sentence === undefined) this.#sentences.delete(file);
    else this.#sentences.set(file, sentence);
  }

  get sentences(): string[] {
    return [...this.#sentences.values()];
  }
}
