// A hint on hover and focus, with nothing that cannot be found elsewhere.
'use client';
import { Tooltip } from '@base-ui/react/tooltip';
import type { ReactElement, ReactNode } from 'react';
import { Kbd } from './kbd.tsx';

export const TipProvider = ({ children }: { children: ReactNode }) => <Tooltip.Provider delay={350}>{children}</Tooltip.Provider>;

export const popupClass =
  'origin-(--transform-origin) rounded-md border border-line-strong/40 bg-raised text-text shadow-[0_4px_16px_rgb(0_0_0/0.24)] transition-[opacity,scale] duration-100 data-ending-style:opacity-0 data-starting-style:scale-[0.98] data-starting-style:opacity-0 data-instant:transition-none';

export interface TipProps {
  /** Undefined: there is no hint. */
  readonly text: ReactNode;
  readonly shortcut?: string | undefined;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** The element that it explains. */
  readonly children: ReactElement;
}

export function Tip({ text, shortcut, side = 'top', children }: TipProps) {
  if (text === undefined) return children;
  return (
    <Tooltip.Root>
      <Tooltip.Trigger render={children} closeOnClick={false} />
      <Tooltip.Portal>
        <Tooltip.Positioner side={side} sideOffset={6} collisionPadding={8} className="z-50">
          <Tooltip.Popup className={`${popupClass} flex max-w-72 items-center gap-2 px-2 py-1 text-xs`}>
            {text}
            {shortcut !== undefined && <Kbd>{shortcut}</Kbd>}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
