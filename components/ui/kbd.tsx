// A key on the keyboard.
import type { ReactNode } from 'react';

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-sm border border-line-strong/50 bg-hover px-1 font-mono text-2xs text-text">
      {children}
    </kbd>
  );
}
