// Freeze and thaw through the freezer: the answer says what the kernel says, after a bounded wait.
import { setTimeout as sleep } from 'node:timers/promises';
import type { FreezeAnswer } from '../../contract/calls.ts';
import type { GroupState } from '../../contract/derive.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ControlFileIo } from './control-file-io.ts';
import type { Reach } from './reach.ts';

/** A task in uninterruptible sleep, or one that waits for memory over its limit, stays FREEZING: no wait is long enough for it. */
const WAIT_MS = 2000;
const LOOK_MS = 5;

const FILE = 'freezer.state';
const STATES: Record<string, GroupState> = { THAWED: 'thawed', FREEZING: 'freezing', FROZEN: 'frozen' };

export class Freezer {
  readonly #io: ControlFileIo;
  readonly #reach: Reach;

  constructor(io: ControlFileIo, reach: Reach) {
    this.#io = io;
    this.#reach = reach;
  }

  async state(group: string): Promise<GroupState> {
    return STATES[(await this.#io.read(group, FILE)).trim()] ?? 'thawed';
  }

  check(group: string): void {
    this.#io.group(group);
    this.#reach.mayWrite(group);
    if (group === '/') throw new ProblemError('unsupported', 'The root group cannot be frozen.');
  }

  /** Reading freezer.state is what makes the kernel look whether all tasks have stopped, so waiting is asking. */
  async set(group: string, wanted: 'frozen' | 'thawed'): Promise<FreezeAnswer> {
    this.check(group);
    const started = performance.now();
    await this.#io.write(group, FILE, wanted === 'frozen' ? 'FROZEN' : 'THAWED');
    let state = await this.state(group);
    while (state !== wanted && performance.now() - started < WAIT_MS) {
      await sleep(LOOK_MS);
      state = await this.state(group);
    }
    return { group, state, tookMs: performance.now() - started };
  }
}
