// Kills in the log and in the counters: each is reported once, in whichever order they come, with a name only if the counter agrees.
import { beforeEach, describe, expect, test } from 'vitest';
import { type CountedKill, KillCounts } from './kill-counts.ts';
import type { OomKill } from './oom-lines.ts';

const victim: OomKill = { sequence: 1, timeUsec: 1, pid: 7, comm: 'hog', rssBytes: 1024 };
const other: OomKill = { ...victim, sequence: 2, pid: 8 };

let nowMs: number;
let kills: KillCounts;

beforeEach(() => {
  nowMs = 0;
  kills = new KillCounts(() => nowMs);
  kills.open('/a', 0);
});

/** At the next tick. */
function overdue(): CountedKill[] {
  nowMs += 2000;
  return kills.overdue();
}

test('a kill of the log is not reported again, whether its counter grew before or after', () => {
  kills.reported('/a');
  kills.counted('/a', 1);
  expect(overdue()).toEqual([]);
  kills.counted('/a', 2);
  kills.reported('/a');
  expect(overdue()).toEqual([]);
});

test('a kill that only the counter has is overdue, once', () => {
  kills.reported('/a');
  kills.counted('/a', 4);
  expect(overdue()).toEqual([{ group: '/a', count: 3 }]);
  expect(overdue()).toEqual([]);
  kills.counted('/a', 5);
  expect(overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('a victim that waits is reported when its group’s counter grows, some ticks later too', () => {
  kills.counted('/a', 0);
  kills.counted('/b', 0);
  expect(kills.expect('/a', victim)).toBe(true);
  expect(overdue()).toEqual([]);
  kills.counted('/b', 1);
  expect(overdue()).toEqual([{ group: '/b', count: 1 }]);
  kills.counted('/a', 1);
  expect(overdue()).toEqual([{ group: '/a', count: 1, victim }]);
  expect(overdue()).toEqual([]);
});

test('on a machine with quick ticks the log has half a second to name a kill', () => {
  kills.counted('/a', 0);
  kills.counted('/a', 2);
  for (nowMs = 100; nowMs < 2000; nowMs += 100) expect(kills.overdue()).toEqual([]);
  kills.reported('/a');
  kills.expect('/a', victim);
  expect(kills.overdue()).toEqual([{ group: '/a', count: 1, victim }]);
  expect(overdue()).toEqual([]);
});

test('several kills get the waiting names in order; the rest have none', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  kills.expect('/a', other);
  kills.counted('/a', 3);
  expect(overdue()).toEqual([
    { group: '/a', count: 1, victim },
    { group: '/a', count: 1, victim: other },
    { group: '/a', count: 1 },
  ]);
});

test('a name is dropped if the counter does not grow', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  for (let tick = 0; tick < 5; tick++) overdue();
  kills.counted('/a', 1);
  expect(overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('without a counter no victim waits', () => {
  expect(kills.expect('/a', victim)).toBe(false);
  expect(kills.expect('/unknown', victim)).toBe(false);
});

test('a victim that the kernel counts twice is one kill', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  kills.expect('/a', { ...victim, again: true });
  kills.expect('/a', other);
  kills.counted('/a', 3);
  expect(overdue().map(({ count, victim: who }) => [count, who?.pid])).toEqual([
    [1, 7],
    [1, 8],
  ]);
});

test('a victim that waits is reported when its group is removed', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  expect(kills.close('/a')).toEqual([{ group: '/a', count: 1, victim }]);
  expect(kills.close('/a')).toEqual([]);
});

test('kills that wait for the log are reported when their group is removed', () => {
  kills.counted('/a', 0);
  kills.expect('/a', victim);
  kills.counted('/a', 3);
  expect(kills.close('/a')).toEqual([
    { group: '/a', count: 1, victim },
    { group: '/a', count: 2 },
  ]);
});

test('kills from before the agent found the group are not reported', () => {
  kills.open('/old', 40);
  kills.counted('/old', 40);
  kills.counted('/met', 5);
  expect(overdue()).toEqual([]);
  kills.counted('/met', 6);
  expect(overdue()).toEqual([{ group: '/met', count: 1 }]);
});

test('a group made again starts at 0', () => {
  kills.reported('/a');
  kills.counted('/a', 1);
  kills.close('/a');
  kills.open('/a', 0);
  kills.counted('/a', 1);
  expect(overdue()).toEqual([{ group: '/a', count: 1 }]);
});

test('opening twice, and reporting a kill of a closed group, changes nothing', () => {
  kills.reported('/a');
  kills.open('/a', 0);
  kills.counted('/a', 1);
  kills.close('/b');
  kills.reported('/b');
  expect(overdue()).toEqual([]);
});

describe('a victim of which the log does not have the group, and that was seen in none', () => {
  /** The next tick, with counters. */
  function tick(counters: Readonly<Record<string, number>> = {}): CountedKill[] {
    const found = overdue();
    for (const [group, value] of Object.entries(counters)) kills.counted(group, value);
    return [...found, ...kills.placed()];
  }

  beforeEach(() => {
    kills.open('/b', 0);
    tick({ '/a': 0, '/b': 0 });
  });

  test('is of the only group that has kills without a name', () => {
    kills.stray(victim);
    kills.stray(other);
    expect(tick({ '/a': 2 })).toEqual([]);
    expect(tick()).toEqual([
      { group: '/a', count: 1, victim },
      { group: '/a', count: 1, victim: other },
    ]);
    expect([tick(), tick()]).toEqual([[], []]);
  });

  test('of a storm that goes on each is named once its kill is in the counter', () => {
    const named: (number | undefined)[] = [];
    for (let i = 1; i <= 20; i++) {
      kills.stray({ ...victim, pid: 100 + i });
      named.push(...tick({ '/a': i }).map(({ victim: who }) => who?.pid));
    }
    named.push(...tick().map(({ victim: who }) => who?.pid), ...tick().map(({ victim: who }) => who?.pid));
    expect(named).toEqual(Array.from({ length: 20 }, (_, i) => 101 + i));
  });

  test('has no name where two groups have such kills, also if the second counter is read a tick later', () => {
    kills.stray(victim);
    kills.stray(other);
    const reported = [...tick({ '/a': 1 }), ...tick({ '/b': 1 }), ...tick(), ...tick()];
    expect(reported).toEqual([
      { group: '/a', count: 1 },
      { group: '/b', count: 1 },
    ]);
  });

  test('has no name where the log does not have the victim of the second group yet', () => {
    kills.stray(victim);
    expect([...tick({ '/a': 1, '/b': 1 }), ...tick(), ...tick()]).toEqual([
      { group: '/a', count: 1 },
      { group: '/b', count: 1 },
    ]);
  });

  test('has no name where there are more of them than kills: some are of a group that is not known', () => {
    kills.stray(victim);
    kills.stray(other);
    expect([...tick({ '/a': 1 }), ...tick(), ...tick()]).toEqual([{ group: '/a', count: 1 }]);
  });

  test('has no name where a group was removed meanwhile, whose last kills are not known', () => {
    kills.stray(victim);
    kills.close('/b');
    expect([...tick({ '/a': 1 }), ...tick(), ...tick()]).toEqual([{ group: '/a', count: 1 }]);
  });

  test('is not named for a group whose own victims the log names', () => {
    kills.reported('/a');
    kills.stray(victim);
    expect([...tick({ '/a': 1, '/b': 1 }), ...tick(), ...tick()]).toEqual([{ group: '/b', count: 1, victim }]);
  });

  test('that the kernel counts twice is one kill', () => {
    kills.stray(victim);
    kills.stray({ ...victim, again: true });
    expect([...tick({ '/a': 2 }), ...tick(), ...tick()]).toEqual([{ group: '/a', count: 1, victim }]);
  });
});
