// The actions for the row under the pointer or the cursor. Keys do the same, so the buttons are not in the tab order.
'use client';
import { CirclePlus, EllipsisVertical, Play, Skull, SlidersHorizontal, Snowflake, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type MouseEvent, memo } from 'react';
import { groupHref } from '../frame/links.ts';
import { IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { Menu } from '../ui/menu.tsx';
import { useDeckActions } from './use-actions.ts';

const stop = (event: MouseEvent) => event.stopPropagation();

interface RowActionsProps {
  readonly path: string;
  /** Frozen, or being frozen. */
  readonly still: boolean;
  /** Why nothing can be done to it. */
  readonly reason: string | undefined;
  readonly at: boolean;
}

/** Readings do not change it. */
export const RowActions = memo(function RowActions({ path, still, reason, at }: RowActionsProps) {
  const { actions, create } = useDeckActions();
  const router = useRouter();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: it only keeps presses on the buttons from opening the row
    // biome-ignore lint/a11y/noStaticElementInteractions: as above
    <span
      onClick={stop}
      className={cx(
        'absolute inset-y-0 right-0 hidden items-center gap-px bg-hover pl-2 shadow-[-12px_0_10px_-4px_var(--color-hover)] group-hover/row:flex has-data-popup-open:flex',
        at && 'pointer-fine:focus-within:flex',
      )}
    >
      <IconButton
        icon={still ? Play : Snowflake}
        tabIndex={-1}
        size="sm"
        label={still ? `Thaw ${path}` : `Freeze ${path}`}
        shortcut={still ? 't' : 'f'}
        reason={reason}
        once
        onClick={() => (still ? actions.thaw([path]) : actions.freeze([path]))}
      />
      <IconButton
        icon={SlidersHorizontal}
        tabIndex={-1}
        size="sm"
        label={`Limits of ${path}`}
        shortcut="l"
        onClick={() => router.push(`${groupHref(path)}#limits`)}
      />
      <Menu
        trigger={<IconButton icon={EllipsisVertical} tabIndex={-1} size="sm" label={`More for ${path}`} />}
        groups={[
          [{ label: 'New group inside', icon: <CirclePlus aria-hidden />, shortcut: 'n', reason, onSelect: () => create(path) }],
          [
            {
              label: 'Kill all its processes',
              icon: <Skull aria-hidden />,
              shortcut: 'x',
              danger: true,
              reason,
              onSelect: () => actions.kill([path]),
            },
            { label: 'Remove', icon: <Trash2 aria-hidden />, shortcut: 'd', danger: true, reason, onSelect: () => actions.remove(path) },
          ],
        ]}
      />
    </span>
  );
});
