// Lets a few do something at once; the others wait their turn, operators first.
import type { Role } from '../../contract/call.ts';

export class Turns {
  readonly #most: number;
  readonly #waiting: Readonly<Record<Role, (() => void)[]>> = { operator: [], viewer: [] };
  #taken = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isIdle(): boolean {
    return this.#taken === 0;
  }

  async take<T>(role: Role, work: () => Promise<T>): Promise<T> {
    if (this.#taken < this.#most) this.#taken++;
    else await new Promise<void>((begin) => this.#waiting[role].push(begin));
    try {
      return await work();
    } finally {
      // The next one has the turn at once, so that none who comes meanwhile takes it.
      const next = this.#waiting.operator.shift() ?? this.#waiting.viewer.shift();
      if (next) next();
      else this.#taken--;
    }
  }
}
