// The memory rail’s scale: the place of a size on the track, the size at a place, and the step of a key press.

import { MAX } from '../../../server/contract/units.ts';
import type { SlideStep } from '../../ui/slide-thumb.tsx';

export type Size = number | typeof MAX;

const MIB = 2 ** 20;
/** Sizes under 1 MiB share this first part, so that a tiny group still shows a sliver. */
const LEAD_IN = 0.025;
/** The end of the track, beyond the machine’s memory, means "no limit". */
const MAX_ZONE = 0.045;
/** Grid points per doubling: a drag stops on these, an arrow key on every second one. */
const GRID_PER_OCTAVE = 32;

/** Where the machine's memory ends and the "max" zone begins, 0 to 1. */
export const RAIL_MEMORY_END = 1 - MAX_ZONE;

function octaves(memoryBytes: number): number {
  return Math.log2(Math.max(memoryBytes, 2 * MIB) / MIB);
}

/** The place of a size on the track, 0 (left) to 1 ("max"); sizes beyond the machine’s memory are at its end. */
export function positionOf(size: Size, memoryBytes: number): number {
  if (size === MAX) return 1;
  if (size <= 0) return 0;
  if (size < MIB) return (size / MIB) * LEAD_IN;
  const part = Math.log2(size / MIB) / octaves(memoryBytes);
  return LEAD_IN + Math.min(part, 1) * (RAIL_MEMORY_END - LEAD_IN);
}

/** The nearest size of the grid: 32 steps a doubling, always whole pages. */
export function snap(bytes: number): number {
  const grid = 2 ** Math.floor(Math.log2(Math.max(bytes, MIB))) / GRID_PER_OCTAVE;
  return Math.max(MIB, Math.round(bytes / grid) * grid);
}

/** The size at a place on the track: on the grid, from 1 MiB to the machine’s memory, then "max". */
export function sizeAt(position: number, memoryBytes: number): Size {
  if (position > 1 - MAX_ZONE / 2) return MAX;
  const part = Math.max(0, position - LEAD_IN) / (RAIL_MEMORY_END - LEAD_IN);
  const bytes = MIB * 2 ** (Math.min(part, 1) * octaves(memoryBytes));
  return Math.min(snap(bytes), memoryBytes);
}

/** The size one key press away. Small steps are a sixteenth of a doubling, pages are a doubling; above the machine’s memory is "max". */
export function stepSize(size: Size, step: SlideStep, memoryBytes: number): Size {
  if (step === 'home') return MIB;
  if (step === 'end') return MAX;
  if (size === MAX) return step === 'up' || step === 'page-up' ? MAX : memoryBytes;
  const asked = stepped(size, step);
  if (asked > memoryBytes) return size < memoryBytes ? memoryBytes : MAX;
  return Math.max(MIB, asked);
}

function stepped(bytes: number, step: 'up' | 'down' | 'page-up' | 'page-down'): number {
  if (step === 'page-up') return bytes * 2;
  if (step === 'page-down') return bytes / 2;
  // A step down from a power of two is on the finer grid of the doubling below.
  const from = step === 'up' ? bytes : bytes - 1;
  const grid = (2 ** Math.floor(Math.log2(Math.max(from, MIB))) / GRID_PER_OCTAVE) * 2;
  return step === 'up' ? (Math.floor(bytes / grid) + 1) * grid : (Math.ceil(bytes / grid) - 1) * grid;
}

export interface RailTick {
  readonly bytes: number;
  readonly position: number;
  /** 0: always labelled; 1: labelled where there is room; 2: never. */
  readonly rank: 0 | 1 | 2;
}

/** A tick for each doubling from 1 MiB to the machine’s memory; every second one may have a label, every fourth always has. */
export function railTicks(memoryBytes: number): RailTick[] {
  const ticks: RailTick[] = [];
  for (let octave = 0, bytes = MIB; bytes <= memoryBytes; octave++, bytes *= 2) {
    const rank = octave % 4 === 0 ? 0 : octave % 2 === 0 ? 1 : 2;
    ticks.push({ bytes, position: positionOf(bytes, memoryBytes), rank });
  }
  return ticks;
}
