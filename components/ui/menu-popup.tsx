// An open menu with its button.
'use client';
import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { HTMLAttributes, ReactElement, ReactNode } from 'react';
import { cx } from './classes.ts';
import { Kbd } from './kbd.tsx';
import { popupClass } from './popup-class.ts';

export interface MenuItem {
  readonly label: string;
  readonly icon?: ReactNode;
  readonly shortcut?: string;
  readonly danger?: boolean;
  /** Why it cannot be chosen, in a sentence. */
  readonly reason?: string | undefined;
  readonly onSelect: () => void;
}

export interface MenuProps {
  /** The button that opens it, with its own name. */
  readonly trigger: ReactElement<HTMLAttributes<Element>>;
  readonly heading?: ReactNode;
  /** Groups, with a line between them. */
  readonly groups: ReadonlyArray<readonly MenuItem[]>;
}

export function MenuPopup({ trigger, heading, groups }: MenuProps) {
  return (
    <BaseMenu.Root modal={false} defaultOpen>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner align="end" sideOffset={4} collisionPadding={8} className="z-50 outline-none">
          <BaseMenu.Popup className={cx(popupClass, 'min-w-44 py-1 outline-none')}>
            {heading !== undefined && <div className="border-b border-line px-3 pt-1 pb-2">{heading}</div>}
            {groups.map((items, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the groups of a menu keep their places
              <div key={i} className={cx('py-1', i > 0 && 'border-t border-line')}>
                {items.map((item) => (
                  <BaseMenu.Item
                    key={item.label}
                    disabled={item.reason !== undefined}
                    title={item.reason}
                    onClick={item.onSelect}
                    className={cx(
                      'flex h-7 items-center gap-2 px-3 text-base outline-none select-none data-disabled:opacity-45 data-highlighted:bg-hover [&_svg]:size-4',
                      item.danger === true && 'text-hard',
                    )}
                  >
                    {item.icon}
                    <span className="flex-1">{item.label}</span>
                    {item.shortcut !== undefined && <Kbd>{item.shortcut}</Kbd>}
                  </BaseMenu.Item>
                ))}
              </div>
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}
