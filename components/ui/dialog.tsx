// A dialog for a short form. For a yes or no, see question.tsx.
'use client';
import type { FormEvent, ReactNode } from 'react';
import { Button } from './button.tsx';
import type { DialogProps } from './dialog-popup.tsx';
import { later } from './later.tsx';

export const Dialog = later<DialogProps>(async () => (await import('./dialog-popup.tsx')).DialogPopup, { isNeeded: ({ open }) => open });

export interface DialogFormProps {
  readonly onClose: () => void;
  readonly onSubmit: () => void;
  /** The label of the button that submits. */
  readonly submit: string;
  readonly danger?: boolean;
  readonly pending?: boolean;
  /** Why it cannot be submitted. */
  readonly reason?: string | undefined;
  readonly children: ReactNode;
}

/** The fields of a dialog, above the buttons that close and submit it. */
export function DialogForm({ onClose, onSubmit, submit, danger = false, pending = false, reason, children }: DialogFormProps) {
  const submitted = (event: FormEvent) => {
    event.preventDefault();
    // React bubbles this submit to a form that the dialog was opened from.
    event.stopPropagation();
    if (reason === undefined && !pending) onSubmit();
  };
  return (
    <form noValidate onSubmit={submitted} className="flex flex-col gap-4">
      {children}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant={danger ? 'danger' : 'primary'} pending={pending} reason={reason}>
          {submit}
        </Button>
      </div>
    </form>
  );
}
