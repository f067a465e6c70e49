// The popup of all hints.
'use client';
import { Tooltip } from '@base-ui/react/tooltip';
import { useStore } from 'zustand';
import { cx } from './classes.ts';
import { closeHint, hints, keepHint, leaveHint } from './hints.ts';
import { Kbd } from './kbd.tsx';
import { popupClass } from './popup-class.ts';

export function TipPopup() {
  const { open, shown } = useStore(hints);
  const card = shown?.look === 'card';
  return (
    <Tooltip.Root open={open} onOpenChange={(next) => !next && closeHint()} disableHoverablePopup={card}>
      <Tooltip.Portal>
        <Tooltip.Positioner
          anchor={shown?.anchor}
          side={shown?.side}
          align={card ? 'start' : 'center'}
          sideOffset={card ? 4 : 6}
          collisionPadding={8}
          className={card ? 'pointer-events-none z-30' : 'z-50'}
          onPointerEnter={keepHint}
          onPointerLeave={leaveHint}
        >
          <Tooltip.Popup key={shown?.owner} className={cx(popupClass, card ? 'p-3' : 'flex max-w-72 items-center gap-2 px-2 py-1 text-xs')}>
            {shown?.text}
            {shown?.shortcut !== undefined && <Kbd>{shown.shortcut}</Kbd>}
          </Tooltip.Popup>
        </Tooltip.Positioner>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
