// Reclaims memory of a group by v2's memory.reclaim, in pieces, so that readings show the progress and no write takes long.
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ActParts } from './act-parts.ts';
import { spell } from './spell.ts';

const FILE = 'memory.reclaim';
const USAGE = 'memory.current';
/** Small, so that it ends soon when it is cancelled, also where each page has to be swapped out. */
const PIECE_BYTES = 8 * 1024 * 1024;

export interface Watched {
  /** Ends it after the piece that is being reclaimed. */
  readonly signal?: AbortSignal;
  /** Before the first piece and after each. */
  readonly progress?: (reclaimedBytes: number, askedBytes: number) => void;
}

export class Reclaimer {
  readonly #parts: Pick<ActParts, 'io' | 'reach' | 'journal'>;

  constructor(parts: Pick<ActParts, 'io' | 'reach' | 'journal'>) {
    this.#parts = parts;
  }

  /** @throws ProblemError for a group that is not managed or has no such file, and for an invalid size */
  reclaim({ group, inode, bytes }: CallParams<'reclaim'>, by: string, watched: Watched = {}): Promise<CallAnswer<'reclaim'>> {
    const { io, reach, journal } = this.#parts;
    io.group(group, inode);
    const { file } = io.locate(group, FILE);
    reach.mayWrite(group);
    const askedBytes = Number(spell(file, bytes));
    return journal.record(
      { by, action: 'reclaim', group, facts: { askedBytes } },
      async () => {
        const started = performance.now();
        const before = await this.#usage(group);
        let left = askedBytes;
        let complete = true;
        const reclaimed = async () => Math.max(0, before - (await this.#usage(group)));
        watched.progress?.(0, askedBytes);
        while (left > 0 && complete && !watched.signal?.aborted) {
          const piece = Math.min(left, PIECE_BYTES);
          complete = await this.#reclaimPiece({ group, inode }, piece);
          left -= piece;
          watched.progress?.(await reclaimed(), askedBytes);
        }
        complete &&= left <= 0;
        const reclaimedBytes = await reclaimed();
        return { group, askedBytes, reclaimedBytes, complete, tookMs: performance.now() - started };
      },
      ({ reclaimedBytes }) => reclaimedBytes,
    );
  }

  /** @returns false if the kernel reclaimed less than asked, which it answers with EAGAIN */
  async #reclaimPiece({ group, inode }: Pick<CallParams<'reclaim'>, 'group' | 'inode'>, bytes: number): Promise<boolean> {
    try {
      await this.#parts.io.write(group, FILE, String(bytes), inode);
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.problem.errno === 'EAGAIN') return false;
      throw error;
    }
  }

  async #usage(group: string): Promise<number> {
    return Number(await this.#parts.io.read(group, USAGE));
  }
}
