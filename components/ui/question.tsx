// Asks before an action that cannot be undone, and shows exactly what will happen. `const ask = useQuestion(); if (await ask({…})) …`
'use client';
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from 'react';
import { later } from './later.tsx';
import type { Question } from './question-dialog.tsx';

const QuestionDialog = later(async () => (await import('./question-dialog.tsx')).QuestionDialog, { isNeeded: ({ open }) => open });

export type Ask = (question: Question) => Promise<boolean>;

const QuestionContext = createContext<Ask | undefined>(undefined);

export function useQuestion(): Ask {
  const ask = useContext(QuestionContext);
  if (!ask) throw new Error('useQuestion is used outside QuestionProvider');
  return ask;
}

export function QuestionProvider({ children }: { children: ReactNode }) {
  const [question, setQuestion] = useState<Question>();
  const [open, setOpen] = useState(false);
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
      <QuestionDialog question={question} open={open} onAnswer={answer} />
    </QuestionContext>
  );
}
