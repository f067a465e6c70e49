// A reading over time in typed arrays has what was pushed, whatever was dropped before.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Steps } from './steps.ts';

const value = fc.oneof(
  fc.double({ noNaN: true, min: -1e15, max: 1e19 }),
  fc.constantFrom('max', 'FROZEN', 'THAWED', 'FREEZING', '0-3', null),
);
const act = fc.oneof(
  fc.record({ push: value, afterMs: fc.integer({ min: 1, max: 100_000 }) }),
  fc.record({ trimMs: fc.integer({ min: 0, max: 1_000_000 }) }),
);

test('pushed and trimmed in any order', () => {
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 1e12 }), fc.array(act, { maxLength: 200 }), (first, startMs, acts) => {
      const steps = new Steps(startMs, first);
      let model = [{ timeMs: startMs, value: first }];
      for (const one of acts) {
        const lastMs = model.at(-1)?.timeMs ?? 0;
        if ('push' in one) {
          steps.push(lastMs + one.afterMs, one.push);
          model.push({ timeMs: lastMs + one.afterMs, value: one.push });
        } else {
          const fromMs = lastMs - one.trimMs;
          steps.trim(fromMs);
          const at = model.findLastIndex(({ timeMs }) => timeMs <= fromMs);
          model = model.slice(Math.max(0, at));
        }
      }
      const found = Array.from({ length: steps.length }, (_, i) => ({ timeMs: steps.timeAt(i), value: steps.valueAt(i) }));
      expect(found).toEqual(model);
      expect(steps.timeAt(steps.length)).toBe(Number.POSITIVE_INFINITY);
      expect(steps.valueAt(-1)).toBeNull();
    }),
  );
});

test('one that does not change takes no array, and one that has come to rest gives its arrays back', () => {
  const steps = new Steps(0, 1);
  const { bytes } = steps;
  for (let i = 1; i <= 600; i++) steps.push(i * 1000, i);
  expect(steps.bytes).toBeLessThan(bytes + 250 + 600 * 16 * 1.5);
  steps.trim(3_600_000);
  expect([steps.length, steps.bytes]).toEqual([1, bytes]);
});
