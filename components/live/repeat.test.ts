// Acts whose answers are lost: repeated with one key, then asked about; what is unknown is shown until it is known.
import { describe, expect, it, vi } from 'vitest';
import type { Outcome } from '../../server/contract/call-key.ts';
import { ProblemError } from '../../server/contract/problems.ts';
import { actOnce, newKey, whenUnsure } from './repeat.ts';

const lost = new ProblemError('answer_lost', 'Lost.');
const away = new ProblemError('agent_unavailable', 'Away.');

/** A clock that only waiting moves on. */
function clock() {
  let ms = 0;
  return {
    now: () => ms,
    sleep: async (forMs: number) => {
      ms += forMs;
    },
  };
}

const never = () => Promise.reject(new Error('not asked'));

describe('actOnce', () => {
  it('makes one request where the answer comes, with a key of its own', async () => {
    const act = vi.fn(async (key: string) => key);
    const keys = [await actOnce({ what: 'a', act, outcome: never }), await actOnce({ what: 'a', act, outcome: never })];
    expect(new Set(keys).size).toBe(2);
    expect(act).toHaveBeenCalledTimes(2);
    expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
  });

  it('repeats with the same key, and reports meanwhile that it is unknown', async () => {
    const said: number[] = [];
    const stop = whenUnsure((all) => said.push(all.length));
    const act = vi.fn<(key: string) => Promise<string>>().mockRejectedValueOnce(lost).mockRejectedValueOnce(away).mockResolvedValue('done');
    await expect(actOnce({ what: 'POST /freeze', act, outcome: never, ...clock() })).resolves.toBe('done');
    stop();
    expect(said).toEqual([1, 0]);
    expect(new Set(act.mock.calls.map(([key]) => key)).size).toBe(1);
    expect(act).toHaveBeenCalledTimes(3);
  });

  it('passes a refusal on, the first and a repeated one', async () => {
    const refusal = new ProblemError('busy', 'No.');
    const act = vi
      .fn<(key: string) => Promise<string>>()
      .mockRejectedValue(refusal)
      .mockRejectedValueOnce(refusal)
      .mockRejectedValueOnce(lost);
    await expect(actOnce({ what: 'a', act, outcome: never, ...clock() })).rejects.toBe(refusal);
    await expect(actOnce({ what: 'a', act, outcome: never, ...clock() })).rejects.toBe(refusal);
  });

  it.each<[Outcome['state'], Outcome, string]>([
    ['done', { state: 'done', answer: 'later' }, 'later'],
    ['refused', { state: 'refused', problem: new ProblemError('busy', 'It is busy.').problem }, 'It is busy.'],
    ['none', { state: 'none' }, 'It was not done'],
    ['unknown', { state: 'unknown' }, 'cannot say whether it was done'],
  ])('after a while only asks, and does nothing late: %s', async (_, found, words) => {
    const act = vi.fn(() => Promise.reject(lost));
    const time = clock();
    const outcome = vi.fn(async (): Promise<Outcome> => {
      if (time.now() < 30_000) throw away;
      return time.now() < 60_000 ? { state: 'running' } : found;
    });
    const result = await actOnce({ what: 'a', act, outcome, ...time }).catch((error: Error) => error.message);
    expect(result).toContain(words);
    const repeated = act.mock.calls.length;
    expect(repeated).toBeLessThan(10);
    expect(outcome.mock.calls.length).toBeGreaterThan(5);
  });

  it('reports that it stays unknown where nothing answers', async () => {
    const act = () => Promise.reject(lost);
    await expect(actOnce({ what: 'a', act, outcome: () => Promise.reject(away), ...clock() })).rejects.toThrow('cannot say whether');
  });
});
