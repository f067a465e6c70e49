// The dialog that asks a question.
'use client';
import { AlertDialog } from '@base-ui/react/alert-dialog';
import type { ReactNode } from 'react';
import { useSyncExternalStore } from 'react';
import { Button } from './button.tsx';
import { Caution } from './caution.tsx';
import { backdropClass, dialogClass } from './dialog-popup.tsx';

export interface Question {
  /** Ends in a question mark. */
  readonly title: string;
  /** What will happen, exactly. */
  readonly body: ReactNode;
  /** The verb, such as "Kill 3 processes". */
  readonly confirm: string;
  readonly danger?: boolean;
  /** What the question is about: once that has a fault, it can only be cancelled. */
  readonly about?: { readonly watch: (listener: () => void) => () => void; readonly fault: () => string | undefined };
}

const nothing = { watch: () => () => {}, fault: () => undefined };

export interface QuestionDialogProps {
  /** Stays while the dialog closes. */
  readonly question: Question | undefined;
  readonly open: boolean;
  readonly onAnswer: (yes: boolean) => void;
}

export function QuestionDialog({ question, open, onAnswer }: QuestionDialogProps) {
  const { watch, fault } = question?.about ?? nothing;
  const ended = useSyncExternalStore(watch, fault, () => undefined);
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onAnswer(false)}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={backdropClass} />
        <AlertDialog.Popup data-modal className={dialogClass}>
          <div>
            <AlertDialog.Title className="text-lg font-semibold">{question?.title}</AlertDialog.Title>
            <AlertDialog.Description render={<div />} className="mt-2 text-quiet">
              {question?.body}
            </AlertDialog.Description>
            {ended !== undefined && (
              <div role="alert" className="mt-3">
                <Caution>{ended}</Caution>
              </div>
            )}
          </div>
          <div className="flex justify-end gap-2">
            <AlertDialog.Close render={<Button variant="plain">Cancel</Button>} />
            <Button variant={question?.danger === false ? 'primary' : 'danger'} reason={ended} once onClick={() => onAnswer(true)}>
              {question?.confirm}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
