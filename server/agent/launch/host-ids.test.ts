// Ranges of host ids: each is free, and none is used again before all others.
import { expect, test } from 'vitest';
import { HostIds, MAPPED_IDS } from './host-ids.ts';

test('a range that is free again is the last to be handed out', () => {
  const ids = new HostIds();
  const none = new Set<number>();
  const all = Array.from({ length: 4096 }, () => ids.free(none));
  expect(new Set(all).size).toBe(4096);
  expect(all.every((id) => id % MAPPED_IDS === 0)).toBe(true);
  expect(ids.free(none)).toBe(all[0]);
});

test('a range in use is skipped, and with all in use the launch is refused', () => {
  const ids = new HostIds();
  const first = ids.free(new Set());
  const all = new Set(Array.from({ length: 4096 }, () => ids.free(new Set())));
  all.delete(first);
  expect(ids.free(all)).toBe(first);
  expect(() => ids.free(all.add(first))).toThrow('in use');
});
