// A value that is typed, once it has not changed for a moment.
'use client';
import { useEffect, useState } from 'react';

const SETTLES_MS = 300;

export function useSettled(value: string | undefined): string | undefined {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLES_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
