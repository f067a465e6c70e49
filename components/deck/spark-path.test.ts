// A sparkline’s path, with gaps for unknown values.
import { describe, expect, it } from 'vitest';
import { LEAST_CPU, leastSpan, sparkPath } from './spark-path.ts';

const MIB = 2 ** 20;

describe('sparkPath', () => {
  it.each([
    ['at the end', [5 * MIB, 6 * MIB, Number.NaN]],
    ['at the beginning', [Number.NaN, 5 * MIB, 6 * MIB]],
    ['in between', [5 * MIB, Number.NaN, 6 * MIB, 7 * MIB]],
  ])('leaves a gap %s', (_, values) => {
    const path = sparkPath(values, leastSpan(values), false);
    expect(path).toMatch(/^M[\d.]+ [\d.]+/);
    expect(path).not.toContain('NaN');
    expect(path.match(/[ML]/g)).toHaveLength(values.filter((value) => !Number.isNaN(value)).length);
  });

  it('is nothing where fewer than two values are known', () => {
    expect(sparkPath([], leastSpan([]), false)).toBe('');
    expect(sparkPath([Number.NaN, 5], LEAST_CPU, true)).toBe('');
  });
});
