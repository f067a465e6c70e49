// A menu behind a button.
'use client';
import { cloneElement, type KeyboardEvent, useEffect, useState } from 'react';
import { later } from './later.tsx';
import type { MenuProps } from './menu-popup.tsx';

const Opened = later<MenuProps>(async () => (await import('./menu-popup.tsx')).MenuPopup, { Waiting: Closed });

function Closed({ trigger, onOpen }: MenuProps & { readonly onOpen?: () => void }) {
  return cloneElement(trigger, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onClick: onOpen,
    onKeyDown: (event: KeyboardEvent) => event.key === 'ArrowDown' && onOpen?.(),
  });
}

export function Menu(props: MenuProps) {
  const [opened, setOpened] = useState(false);
  useEffect(Opened.prepare, []);
  // Not within the click, which would count as one outside of the menu and close it.
  return opened ? <Opened {...props} /> : <Closed {...props} onOpen={() => setTimeout(() => setOpened(true))} />;
}
