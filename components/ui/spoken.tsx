// What a screen reader speaks by itself: answers to what a person did, once each, in the page's one polite region. Readings change each second and are silent.
'use client';
import { type ComponentProps, useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

const spoken = createStore(() => ({ text: '', count: 0 }));

/** In the frame, always there: a region that comes with its text is not heard. */
export function SpokenRegion() {
  const { text, count } = useStore(spoken);
  return (
    <div role="status" className="sr-only">
      {/* The same answer a second time is a new one. */}
      <span key={count}>{text}</span>
    </div>
  );
}

export interface AnsweredProps extends ComponentProps<'div'> {
  /** The answer that it shows; undefined while it shows anything else. Its text is spoken when there is another. */
  readonly of: unknown;
}

export function Answered({ of, ...rest }: AnsweredProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const text = of === undefined ? '' : (box.current?.textContent ?? '');
    if (text !== '') spoken.setState(({ count }) => ({ text, count: count + 1 }));
  }, [of]);
  // A status has its place in the page, and does not speak again by itself.
  return <div {...rest} {...(rest.role === undefined ? {} : { 'aria-live': 'off' })} ref={box} />;
}
