// Gives memory of a group back by v2's memory.reclaim, piece by piece, so that readings show how it goes and no write lasts long.
import type { CallAnswer } from '../../contract/calls.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import type { Reach } from '../kernel/reach.ts';
import { spell } from './spell.ts';

const FILE = 'memory.reclaim';
const USAGE = 'memory.current';
const PIECE_BYTES = 32 * 1024 * 1024;

export class Reclaimer {
  readonly #io: ControlFileIo;
  readonly #reach: Reach;

  constructor(io: ControlFileIo, reach: Reach) {
    this.#io = io;
    this.#reach = reach;
  }

  /** @throws ProblemError for a group that is not ours or has no such file, and for what is no size */
  check(group: string, asked: string | number): number {
    const { file } = this.#io.locate(group, FILE);
    this.#reach.mayWrite(group);
    return Number(spell(file, asked));
  }

  async reclaim(group: string, asked: string | number): Promise<CallAnswer<'reclaim'>> {
    const askedBytes = this.check(group, asked);
    const started = performance.now();
    const before = await this.#usage(group);
    let left = askedBytes;
    let complete = true;
    while (left > 0 && complete) {
      const piece = Math.min(left, PIECE_BYTES);
      complete = await this.#take(group, piece);
      left -= piece;
    }
    const reclaimedBytes = Math.max(0, before - (await this.#usage(group)));
    return { group, askedBytes, reclaimedBytes, complete, tookMs: performance.now() - started };
  }

  /** @returns false where less could be had than was asked for, which the kernel says with EAGAIN */
  async #take(group: string, bytes: number): Promise<boolean> {
    try {
      await this.#io.write(group, FILE, String(bytes));
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.problem.errno === 'EAGAIN') return false;
      throw error;
    }
  }

  async #usage(group: string): Promise<number> {
    return Number(await this.#io.read(group, USAGE));
  }
}
