// The words for a bin of the timeline.
import { expect, test } from 'vitest';
import { binWords, densityBins } from './density.ts';

const event = { id: 1, time: 5, group: '/a' } as const;

test('a bin counts its events in words', () => {
  const frozen = { ...event, kind: 'freeze' } as const;
  const made = { ...event, kind: 'create' } as const;
  const [bin] = densityBins([frozen, frozen, { ...event, kind: 'move', pid: 1, from: '/b' }, made], 0, 10, 1);
  expect(bin && binWords(bin)).toBe('2 freezes and thaws, 1 action, 1 event of a group or process');
});
