// A long text in two lines, with a button that unfolds it where it is longer.
'use client';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { cx } from './classes.ts';

export interface FoldedProps {
  /** What it is, for the button: "command". */
  readonly what: string;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Of its own width: whether it is longer than two lines depends on it. Unfolded it scrolls at a third of the screen. */
export function Folded({ what, className, children }: FoldedProps) {
  const text = useRef<HTMLSpanElement>(null);
  const [open, setOpen] = useState(false);
  const [isLonger, setLonger] = useState(false);
  useEffect(() => {
    const element = text.current;
    if (!element || open) return;
    const measure = () => setLonger(element.scrollHeight > element.clientHeight + 1);
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, [open]);
  return (
    <span className={cx('block min-w-0', className)}>
      <span ref={text} className={open ? 'block max-h-[34vh] overflow-y-auto' : 'line-clamp-2'}>
        {children}
      </span>
      {(isLonger || open) && (
        <button
          type="button"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          className="rounded-sm font-sans text-xs font-normal text-quiet underline hover:text-text"
        >
          {open ? `Fold the ${what}` : `Unfold the ${what}`}
        </button>
      )}
    </span>
  );
}
