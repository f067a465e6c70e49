// Recent trouble from events: the strongest recent pressure, the last time out of memory.
import { describe, expect, it } from 'vitest';
import { RECENT_MS, recentlyOom, recentPressure, Troubles } from './trouble.ts';

describe('Troubles', () => {
  it('has the strongest level of the last minute', () => {
    const troubles = new Troubles();
    troubles.note({ id: 1, time: 1000, group: '/a', kind: 'pressure', level: 'critical', count: 1 });
    troubles.note({ id: 2, time: 30_000, group: '/a', kind: 'pressure', level: 'low', count: 9 });
    expect(recentPressure(troubles.of('/a'), 31_000)).toBe('critical');
    expect(recentPressure(troubles.of('/a'), 1000 + RECENT_MS)).toBe('low');
    expect(recentPressure(troubles.of('/a'), 30_000 + RECENT_MS)).toBeUndefined();
    expect(recentPressure(troubles.of('/b'), 31_000)).toBeUndefined();
  });

  it('remembers a kill for a minute, and forgets it with the group', () => {
    const troubles = new Troubles();
    troubles.note({ id: 1, time: 1000, group: '/a', kind: 'oom_kill', count: 2 });
    expect(recentlyOom(troubles.of('/a'), 1000 + RECENT_MS - 1)).toBe(true);
    expect(recentlyOom(troubles.of('/a'), 1000 + RECENT_MS)).toBe(false);
    troubles.note({ id: 2, time: 2000, group: '/a', kind: 'remove' });
    expect(recentlyOom(troubles.of('/a'), 2000)).toBe(false);
  });
});
