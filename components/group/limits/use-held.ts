// Readings with the kernel's answer to the last write, until a frame has it.
'use client';
import { useState } from 'react';
import type { ReadingValue, SomeReadings } from '../../../server/contract/readings.ts';

/** A frame read before the write was answered still has the old value. */
const BELIEVE_AFTER_MS = 2500;

interface Answered {
  readonly key: string;
  readonly value: ReadingValue;
  /** What was read before. */
  readonly over: ReadingValue | undefined;
  readonly atMs: number;
}

/** @param atMs time of the readings */
export function useHeld(readings: SomeReadings, atMs: number) {
  const [last, setLast] = useState<Answered>();
  return {
    of: (key: string): ReadingValue | undefined =>
      last?.key === key && readings[key] === last.over && atMs - last.atMs < BELIEVE_AFTER_MS ? last.value : readings[key],
    answered: (key: string, value: ReadingValue) => setLast({ key, value, over: readings[key], atMs }),
  };
}
