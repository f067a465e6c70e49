// A write that kills: when it is asked about, by page or agent, and when it is written.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ProblemError } from '../../server/contract/problems.ts';
import { api } from '../live/api.ts';
import { killsAfterAll, killsBefore, writeAsking } from './would-kill.ts';

const MIB = 2 ** 20;
const v2 = { 'memory.current': 100 * MIB, 'memory.max': 'max' };
const wanted = { group: '/cgdeck/web', file: 'memory.max', value: '50M' };

describe('killsBefore', () => {
  it('names file, asked value, usage, and what is killed', () => {
    const question = killsBefore(wanted, v2);
    expect(question?.title).toBe('Set memory.max to 50 MiB, under the 100 MiB in use?');
    expect(question?.body).toContain('of 50 MiB it frees by killing processes of /cgdeck/web');
    expect(killsBefore({ ...wanted, value: 50 * MIB }, v2)?.confirm).toBe('Set 50 MiB');
  });

  it('asks nothing where nothing is killed', () => {
    expect(killsBefore({ ...wanted, value: '100M' }, v2)).toBeUndefined();
    expect(killsBefore({ ...wanted, value: 'max' }, v2)).toBeUndefined();
    expect(killsBefore({ ...wanted, value: 'nonsense' }, v2)).toBeUndefined();
    expect(killsBefore({ ...wanted, file: 'memory.high' }, v2)).toBeUndefined();
    expect(killsBefore({ ...wanted, file: 'memory.limit_in_bytes' }, { 'memory.usage_in_bytes': 100 * MIB })).toBeUndefined();
    expect(killsBefore(wanted, {})).toBeUndefined();
  });
});

describe('writeAsking', () => {
  afterEach(() => vi.restoreAllMocks());
  const answer = { group: wanted.group, file: wanted.file, old: 'max', asked: '50M', new: '52428800', tookMs: 1 };
  const refusal = new ProblemError('would_kill', 'It uses 100 MiB.');
  const refusesOnce = () => vi.spyOn(api, 'writeFile').mockRejectedValueOnce(refusal).mockResolvedValue(answer);

  it('turns the agent’s refusal into the question, and writes on a yes', async () => {
    const write = refusesOnce();
    const ask = vi.fn(async () => true);
    await expect(writeAsking(wanted, ask, false)).resolves.toEqual(answer);
    expect(ask).toHaveBeenCalledExactlyOnceWith(killsAfterAll(wanted, refusal.problem));
    expect(write.mock.calls.map(([{ mayKill }]) => mayKill)).toEqual([false, true]);
  });

  it('writes nothing on a no', async () => {
    const write = refusesOnce();
    await expect(writeAsking(wanted, async () => false, false)).resolves.toBeUndefined();
    expect(write).toHaveBeenCalledTimes(1);
  });

  it('asks only once, and passes other refusals on', async () => {
    const ask = vi.fn(async () => true);
    const write = vi.spyOn(api, 'writeFile').mockResolvedValueOnce(answer);
    await writeAsking(wanted, ask, true);
    expect(write).toHaveBeenCalledExactlyOnceWith({ path: '/cgdeck/web', file: 'memory.max', value: '50M', mayKill: true });
    write.mockRejectedValueOnce(new ProblemError('protected', 'No.'));
    await expect(writeAsking(wanted, ask, false)).rejects.toThrow('No.');
    expect(ask).not.toHaveBeenCalled();
  });
});
