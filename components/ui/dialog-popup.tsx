// The popup of a dialog.
'use client';
import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import { cx } from './classes.ts';

export interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** For two columns of fields. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

// It opens in 150 ms and closes at once: a closed form that is still fading would keep the focus, and with it the next key.
export const backdropClass = 'fixed inset-0 z-40 bg-[#000]/50 transition-opacity duration-150 data-starting-style:opacity-0';
export const dialogClass =
  'fixed top-1/2 left-1/2 z-40 flex max-h-[calc(100dvh-32px)] w-(--dialog-width,440px) max-w-[calc(100vw-32px)] -translate-x-1/2 -translate-y-1/2 flex-col gap-4 overflow-y-auto rounded-lg border border-line-strong/40 bg-raised p-5 shadow-[0_16px_48px_rgb(0_0_0/0.36)] outline-none transition-[opacity,scale] duration-150 ease-out data-starting-style:scale-[0.98] data-starting-style:opacity-0';

export function DialogPopup({ open, onClose, title, description, wide = false, children }: DialogProps) {
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdropClass} />
        <BaseDialog.Popup data-modal className={cx(dialogClass, wide && '[--dialog-width:600px]')}>
          <div>
            <BaseDialog.Title className="text-lg font-semibold">{title}</BaseDialog.Title>
            {description !== undefined && <BaseDialog.Description className="mt-1 text-quiet">{description}</BaseDialog.Description>}
          </div>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}
