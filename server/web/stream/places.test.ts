// How many streams there are places for, and what may wait in each.
import { expect, test } from 'vitest';
import { Places } from './places.ts';

const GIB = 2 ** 30;

test.each([
  ['a small machine has at least a thousand for viewers', GIB, 1e6, 1002, 1336],
  ['a large one has more', 64 * GIB, 1e6, 12_000, 16_000],
  ['never more than descriptors', 64 * GIB, 4096, 2688, 3584],
  ['and some, whatever the limit', GIB, 100, 48, 64],
])('%s', (_, memory, descriptors, viewers, operators) => {
  const places = new Places(memory, descriptors);
  expect([places.for('viewer'), places.for('operator')]).toEqual([viewers, operators]);
});

test('what may wait in all streams together stays within their memory, and one alone has a bound too', () => {
  const places = new Places(16 * GIB, 1e6);
  expect(places.boundsFor(1)).toEqual({ frameBacklogBytes: 4 * 2 ** 20, eventBacklogBytes: 16 * 2 ** 20 });
  expect(places.boundsFor(1000).frameBacklogBytes * 1000).toBeLessThanOrEqual(GIB);
  expect(places.boundsFor(1e6)).toEqual({ frameBacklogBytes: 2 ** 16, eventBacklogBytes: 2 ** 18 });
});
