// Present faults of files in the state folder, a sentence each, which the page shows.

export class StateFaults {
  readonly #sentences = new Map<string, string>();

  /** @param sentence undefined if the fault is over */
  set(file: string, sentence: string | undefined): void {
    if (sentence === undefined) this.#sentences.delete(file);
    else this.#sentences.set(file, sentence);
  }

  /** @param count lines of a log that cannot be read. @param cost what is lost by it */
  damaged(path: string, count: number, cost: string): void {
    if (count === 0) return;
    const lines = count === 1 ? '1 damaged line' : `${count} damaged lines`;
    this.set(`${path} damaged`, `${lines} of ${path} ${count === 1 ? 'was' : 'were'} skipped: ${cost}`);
  }

  get sentences(): string[] {
    return [...this.#sentences.values()];
  }
}
