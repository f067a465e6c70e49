// The rail’s scale: places and sizes are each other’s inverse, and key steps are useful.
import { describe, expect, it } from 'vitest';
import { positionOf, railTicks, sizeAt, snap, stepSize } from './scale.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MEMORY = 24 * GIB - 7 * 4096;

describe('positionOf', () => {
  it('grows with the size, from 0 to the machine’s memory, and "max" is the far end', () => {
    const sizes = [0, 4096, 512 * 1024, MIB, 2 * MIB, 64 * MIB, GIB, 8 * GIB, MEMORY];
    const places = sizes.map((size) => positionOf(size, MEMORY));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(new Set(places).size).toBe(places.length);
    expect(places[0]).toBe(0);
    expect(positionOf('max', MEMORY)).toBe(1);
    expect(positionOf(MEMORY, MEMORY)).toBeLessThan(1);
  });

  it('gives every doubling the same width', () => {
    const width = (bytes: number) => positionOf(2 * bytes, MEMORY) - positionOf(bytes, MEMORY);
    expect(width(MIB)).toBeCloseTo(width(64 * MIB), 10);
    expect(width(MIB)).toBeCloseTo(width(4 * GIB), 10);
  });

  it('keeps sizes beyond the machine’s memory inside the track', () => {
    expect(positionOf(2 ** 50, MEMORY)).toBe(positionOf(MEMORY, MEMORY));
  });
});

describe('sizeAt', () => {
  it('is the inverse of positionOf on the grid', () => {
    for (const size of [MIB, 33 * MIB, 64 * MIB, 100 * MIB, 640 * MIB, GIB, 5 * GIB]) {
      expect(sizeAt(positionOf(size, MEMORY), MEMORY)).toBe(snap(size));
    }
  });

  it('ends in the machine’s memory and then in "max"', () => {
    expect(sizeAt(positionOf(MEMORY, MEMORY) + 0.005, MEMORY)).toBe(MEMORY);
    expect(sizeAt(1, MEMORY)).toBe('max');
    expect(sizeAt(7, MEMORY)).toBe('max');
    expect(sizeAt(-1, MEMORY)).toBe(MIB);
  });

  it('lands on whole pages everywhere', () => {
    for (let place = 0; place < 0.95; place += 0.013) {
      const size = sizeAt(place, MEMORY);
      expect(size === 'max' || size % 4096).toBe(0);
    }
  });
});

describe('stepSize', () => {
  it('goes a sixteenth of a doubling, and back to where it came from', () => {
    expect(stepSize(64 * MIB, 'up', MEMORY)).toBe(68 * MIB);
    expect(stepSize(68 * MIB, 'down', MEMORY)).toBe(64 * MIB);
    expect(stepSize(64 * MIB, 'down', MEMORY)).toBe(62 * MIB);
  });

  it('first lands on the grid from a value that the kernel rounded', () => {
    expect(stepSize(99_999_744, 'up', MEMORY)).toBe(96 * MIB);
    expect(stepSize(99_999_744, 'down', MEMORY)).toBe(92 * MIB);
  });

  it('doubles and halves by page, and never leaves the track', () => {
    expect(stepSize(64 * MIB, 'page-up', MEMORY)).toBe(128 * MIB);
    expect(stepSize(MIB, 'page-down', MEMORY)).toBe(MIB);
    expect(stepSize(20 * GIB, 'page-up', MEMORY)).toBe(MEMORY);
    expect(stepSize(MEMORY, 'up', MEMORY)).toBe('max');
    expect(stepSize('max', 'up', MEMORY)).toBe('max');
    expect(stepSize('max', 'down', MEMORY)).toBe(MEMORY);
    expect(stepSize('max', 'home', MEMORY)).toBe(MIB);
    expect(stepSize(MIB, 'end', MEMORY)).toBe('max');
  });
});

it('ticks every doubling up to the machine’s memory', () => {
  const ticks = railTicks(MEMORY);
  expect(ticks[0]?.bytes).toBe(MIB);
  expect(ticks.at(-1)?.bytes).toBe(16 * GIB);
  expect(ticks.filter((tick) => tick.rank === 0).map((tick) => tick.bytes / MIB)).toEqual([1, 16, 256, 4096]);
});
