// Short messages at the lower edge: what was done or refused, with Undo where that is possible.
'use client';
import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import type { Problem } from '../../server/contract/problems.ts';
import { buttonClass, IconButton } from './button.tsx';
import { cx } from './classes.ts';
import { ProblemFacts } from './error-state.tsx';

interface ToastData {
  readonly problem?: Problem;
}

const toasts = Toast.createToastManager<ToastData>();

export interface Notice {
  /** One line: what happened. */
  readonly title: string;
  readonly detail?: string;
  /** Reverts it; the toast then closes. */
  readonly undo?: () => void;
}

export function notify({ title, detail, undo }: Notice): void {
  const revert = () => {
    toasts.close(id);
    undo?.();
  };
  const id = toasts.add({
    title,
    description: detail,
    timeout: undo ? 10_000 : 5000,
    ...(undo && { actionProps: { children: 'Undo', onClick: revert } }),
  });
}

/** A refusal as its problem document has it; closes after 12 s. */
export function notifyProblem(problem: Problem): void {
  toasts.add({ type: 'problem', title: problem.title, description: problem.detail, timeout: 12_000, priority: 'high', data: { problem } });
}

function ToastList() {
  const { toasts: shown } = Toast.useToastManager<ToastData>();
  return shown.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={cx(
        'w-full rounded-lg border bg-raised shadow-[0_8px_24px_rgb(0_0_0/0.28)] transition-[opacity,translate] duration-150 ease-out',
        'data-ending-style:opacity-0 data-starting-style:translate-y-2 data-starting-style:opacity-0 data-limited:hidden',
        toast.type === 'problem' ? 'border-hard' : 'border-line-strong/40',
      )}
    >
      <Toast.Content className="flex items-start gap-3 py-2 pr-2 pl-3">
        <div className="min-w-0 flex-1 py-1">
          <Toast.Title className={cx('text-base font-medium', toast.type === 'problem' && 'text-hard')} />
          <Toast.Description className="mt-0.5 text-sm text-quiet" />
          {toast.data?.problem && <ProblemFacts problem={toast.data.problem} className="mt-1" />}
        </div>
        {toast.actionProps !== undefined && <Toast.Action className={buttonClass('plain', 'sm')} />}
        <Toast.Close render={<IconButton icon={X} label="Close" size="sm" />} />
      </Toast.Content>
    </Toast.Root>
  ));
}

export function Toasts({ children }: { children: React.ReactNode }) {
  return (
    <Toast.Provider toastManager={toasts} limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-32px)] flex-col-reverse gap-2 max-sm:bottom-20">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
