// What is wrong with files of the state folder just now, a sentence for each file: the page shows them while it is so.

export class StateFaults {
  readonly #sentences = new Map<string, string>();

  /** @param sentence undefined: it is well again */
  set(file: string, sentence: string | undefined): void {
    if (sentence === undefined) this.#sentences.delete(file);
    else this.#sentences.set(file, sentence);
  }

  get sentences(): string[] {
    return [...this.#sentences.values()];
  }
}
