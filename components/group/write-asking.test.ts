// A write that is asked about first: where it would kill, and where somebody else has written meanwhile.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ProblemError } from '../../server/contract/problems.ts';
import { api } from '../live/api.ts';
import type { Ask } from '../ui/question.tsx';
import { killsAfterAll } from './would-kill.ts';
import { writeAsking } from './write-asking.ts';

const wanted = { group: { path: '/cgdeck/web', inode: 7 }, file: 'memory.max', value: '50M' };

describe('writeAsking', () => {
  afterEach(() => vi.restoreAllMocks());
  const answer = { group: wanted.group.path, file: wanted.file, old: 'max', asked: '50M', new: '52428800', tookMs: 1 };
  const refusal = new ProblemError('would_kill', 'It uses 100 MiB.');
  const refusesOnce = () => vi.spyOn(api, 'writeFile').mockRejectedValueOnce(refusal).mockResolvedValue(answer);

  it('turns the agent’s refusal into the question, and writes on a yes', async () => {
    const write = refusesOnce();
    const ask = vi.fn(async () => true);
    await expect(writeAsking(wanted, ask, false)).resolves.toEqual(answer);
    expect(ask).toHaveBeenCalledExactlyOnceWith(expect.objectContaining(killsAfterAll(wanted, refusal.problem)));
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
    expect(write).toHaveBeenCalledExactlyOnceWith({ path: '/cgdeck/web', inode: 7, file: 'memory.max', value: '50M', mayKill: true });
    write.mockRejectedValueOnce(new ProblemError('protected', 'No.'));
    await expect(writeAsking(wanted, ask, false)).rejects.toThrow('No.');
    expect(ask).not.toHaveBeenCalled();
  });

  it('asks with both values where the file has another than the one that was shown, and writes over that one only', async () => {
    const changed = (asked: string, now: string) => new ProblemError('changed', 'It is another.', { asked, now });
    const write = vi
      .spyOn(api, 'writeFile')
      .mockRejectedValueOnce(changed('40M', '45M'))
      .mockRejectedValueOnce(changed('45M', '46M'))
      .mockResolvedValue(answer);
    const ask = vi.fn<Ask>(async () => true);
    await expect(writeAsking({ ...wanted, replaces: '40M' }, ask)).resolves.toEqual(answer);
    expect(write.mock.calls.map(([{ replaces }]) => replaces)).toEqual(['40M', '45M', '46M']);
    expect(ask.mock.calls.map(([{ body }]) => String(body).split(':')[0])).toEqual([
      'It is 45M now, no longer 40M',
      'It is 46M now, no longer 45M',
    ]);
    write.mockRejectedValueOnce(changed('46M', '47M'));
    await expect(writeAsking({ ...wanted, replaces: '46M' }, async () => false)).resolves.toBeUndefined();
  });
});
