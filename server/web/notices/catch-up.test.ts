// Events that happened while nothing could be reported.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../../contract/events.ts';
import type { AgentLink } from '../agent-link.ts';
import { CatchUp } from './catch-up.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const event = (id: number, time = Date.now()): Event => ({ id, time, group: '/a', kind: 'oom_kill', count: 1 });

function catchUp(seen: number | undefined, events: readonly Event[], failures = 0) {
  const reported: number[] = [];
  const stored: number[] = [];
  let calls = 0;
  const call = (async (_name: string, { since }: { since: number }) => {
    if (calls++ < failures) throw new Error('disconnected');
    return { events: events.filter(({ id }) => id > since), lastId: 0 };
  }) as unknown as AgentLink['call'];
  const made = new CatchUp({ seen, agent: { call }, report: ({ id }) => reported.push(id), store: (id) => stored.push(id) });
  return { made, reported, stored };
}

test('those since the last one reported are reported, each once; later ones come by the stream', async () => {
  const { made, reported, stored } = catchUp(
    3,
    [2, 3, 4, 5, 6].map((id) => event(id)),
  );
  await made.begin(5);
  await made.begin(6);
  made.event(event(6));
  expect(reported).toEqual([4, 5, 6]);
  expect(stored).toEqual([]);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(stored).toEqual([6]);
});

test('of a first start nothing is reported; how far it came is stored', async () => {
  const { made, reported, stored } = catchUp(undefined, [event(1)]);
  await made.begin(1);
  made.close();
  expect([reported, stored]).toEqual([[], [1]]);
});

test('what is older than a day is no news', async () => {
  const { made, reported } = catchUp(1, [event(2, Date.now() - 25 * 3_600_000), event(3)]);
  await made.begin(3);
  expect(reported).toEqual([3]);
});

test('a connection that is lost meanwhile is asked again; an event of the stream does not skip the older ones', async () => {
  const { made, reported, stored } = catchUp(1, [event(2), event(3)], 1);
  await made.begin(2);
  made.event(event(3));
  made.close();
  expect([reported, stored]).toEqual([[3], []]);
  await made.begin(2);
  expect(reported).toEqual([3, 2]);
  made.close();
  expect(stored).toEqual([2]);
});

test('a log that was begun anew is followed', async () => {
  const { made, reported, stored } = catchUp(500, [event(1)]);
  await made.begin(1);
  made.event(event(2));
  made.close();
  expect([reported, stored]).toEqual([[2], [2]]);
});
