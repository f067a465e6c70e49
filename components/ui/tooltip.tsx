// A hint on hover and focus, with nothing that cannot be found elsewhere. All share one popup, so that a row of buttons costs no more than its buttons.
'use client';
import {
  cloneElement,
  type FocusEvent,
  type HTMLAttributes,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
} from 'react';
import { changeHint, forgetHint, type HintContent, leaveHint, openHint } from './hints.ts';
import { later } from './later.tsx';

/** In the frame, once. */
export const TipPopup = later(async () => (await import('./tip-popup.tsx')).TipPopup, { isNeeded: () => false });

type Handlers = Pick<HTMLAttributes<Element>, 'onPointerEnter' | 'onPointerLeave' | 'onFocus' | 'onBlur'>;

export interface TipProps {
  /** Undefined: there is no hint. */
  readonly text: ReactNode;
  readonly shortcut?: string | undefined;
  readonly side?: HintContent['side'];
  readonly look?: HintContent['look'];
  /** The element that it explains. */
  readonly children: ReactElement<Handlers>;
}

export function Tip({ text, shortcut, side = 'top', look = 'hint', children }: TipProps) {
  const owner = useId();
  const content: HintContent = { text, shortcut, side, look };
  useEffect(() => changeHint(owner, content));
  useEffect(() => () => forgetHint(owner), [owner]);
  if (text === undefined) return children;
  const { props } = children;
  return cloneElement(children, {
    onPointerEnter: (event: PointerEvent<Element>) => {
      props.onPointerEnter?.(event);
      if (event.pointerType !== 'touch') openHint({ ...content, owner, anchor: event.currentTarget });
    },
    onPointerLeave: (event: PointerEvent<Element>) => {
      props.onPointerLeave?.(event);
      leaveHint();
    },
    onFocus: (event: FocusEvent<Element>) => {
      props.onFocus?.(event);
      if (event.currentTarget.matches(':focus-visible')) openHint({ ...content, owner, anchor: event.currentTarget }, 0);
    },
    onBlur: (event: FocusEvent<Element>) => {
      props.onBlur?.(event);
      leaveHint();
    },
  });
}
