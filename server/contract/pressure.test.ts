// Thresholds of pressure as a person writes them.
import { expect, test } from 'vitest';
import { parsePressure, usualLevels, usualPressure } from './pressure.ts';

test.each([
  ['memory', { memory: usualLevels }],
  ['cpu', { cpu: usualLevels }],
  [
    'io=some5,some20,full60',
    { io: { low: { of: 'some', percent: 5 }, medium: { of: 'some', percent: 20 }, critical: { of: 'full', percent: 60 } } },
  ],
  ['', undefined],
  ['disk', undefined],
  ['memory=some10', undefined],
  ['memory=some10,some30,all40', undefined],
  ['memory=some0,some30,full40', undefined],
  ['memory=some10,some30,full100', undefined],
  ['memory=some10,some30,full40,full50', undefined],
])('%j', (text, settings) => {
  expect(parsePressure(text)).toEqual(settings);
});

test('each usual level implies the one before, even if full equals some', () => {
  const { low, medium, critical } = usualLevels;
  expect(medium.percent).toBeGreaterThan(low.percent);
  expect(critical.percent).toBeGreaterThan(medium.percent);
  expect(Object.keys(usualPressure)).toEqual(['memory']);
});
