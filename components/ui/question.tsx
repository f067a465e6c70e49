// Asks before an action that cannot be undone, and shows exactly what will happen. `const ask = useQuestion(); if (await ask({…})) …`
'use client';
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState, useSyncExternalStore } from 'react';
import { Button } from './button.tsx';
import { Caution } from './caution.tsx';
import { backdropClass, dialogClass } from './dialog.tsx';

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

export type Ask = (question: Question) => Promise<boolean>;

const QuestionContext = createContext<Ask | undefined>(undefined);

export function useQuestion(): Ask {
  const ask = useContext(QuestionContext);
  if (!ask) throw new Error('useQuestion is used outside QuestionProvider');
  return ask;
}

const nothing = { watch: () => () => {}, fault: () => undefined };

export function QuestionProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question>();
  const [open, setOpen] = useState(false);
  const { watch, fault } = question?.about ?? nothing;
  const ended = useSyncExternalStore(watch, fault, () => undefined);
  const resolve = useRef<(yes: boolean) => void>(undefined);
  const ask = useCallback<Ask>((next) => {
    resolve.current?.(false);
    setQuestion(next);
    setOpen(true);
    return new Promise((answer) => {
      resolve.current = answer;
    });
  }, []);
  const answer = (yes: boolean) => {
    setOpen(false);
    resolve.current?.(yes);
    resolve.current = undefined;
  };
  return (
    <QuestionContext value={ask}>
      {children}
      <AlertDialog.Root open={open} onOpenChange={(next) => !next && answer(false)}>
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
              <Button variant={question?.danger === false ? 'primary' : 'danger'} reason={ended} once onClick={() => answer(true)}>
                {question?.confirm}
              </Button>
            </div>
          </AlertDialog.Popup>
        </AlertDialog.Portal>
      </AlertDialog.Root>
    </QuestionContext>
  );
}
