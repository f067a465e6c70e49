// A write that kills: when it is asked about.
import { describe, expect, it } from 'vitest';
import { killsBefore } from './would-kill.ts';

const MIB = 2 ** 20;
const v2 = { 'memory.current': 100 * MIB, 'memory.max': 'max' };
const wanted = { group: { path: '/cgdeck/web', inode: 7 }, file: 'memory.max', value: '50M' };

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
