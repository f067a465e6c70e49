// The list of short messages at the lower edge.
'use client';
import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import type { Problem } from '../../server/contract/problems.ts';
import { buttonClass, IconButton, LinkButton } from './button.tsx';
import { cx } from './classes.ts';
import { ProblemFacts } from './error-state.tsx';

interface ToastLink {
  readonly href: string;
  readonly label: string;
}

export interface Notice {
  /** One line: what happened. */
  readonly title: string;
  readonly detail?: string;
  /** Reverts it; the toast then closes. */
  readonly undo?: () => void;
  /** Where to see it, for somebody who has gone elsewhere meanwhile. */
  readonly link?: ToastLink | undefined;
}

interface ToastData {
  readonly problem?: Problem;
  readonly link?: ToastLink | undefined;
}

const toasts = Toast.createToastManager<ToastData>();

export function addNotice({ title, detail, undo, link }: Notice): void {
  const revert = () => {
    toasts.close(id);
    undo?.();
  };
  const id = toasts.add({
    title,
    description: detail,
    timeout: link ? 20_000 : undo ? 10_000 : 5000,
    data: { link },
    ...(undo && { actionProps: { children: 'Undo', onClick: revert } }),
  });
}

export function addProblem(problem: Problem, title: string): void {
  toasts.add({ type: 'problem', title, description: problem.detail, timeout: 12_000, priority: 'high', data: { problem } });
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
        {toast.data?.link && (
          <LinkButton href={toast.data.link.href} size="sm" className="my-0.5">
            {toast.data.link.label}
          </LinkButton>
        )}
        {toast.actionProps !== undefined && <Toast.Action className={buttonClass('plain', 'sm')} />}
        <Toast.Close render={<IconButton icon={X} label="Close" size="sm" />} />
      </Toast.Content>
    </Toast.Root>
  ));
}

export function ToastArea() {
  return (
    <Toast.Provider toastManager={toasts} limit={4}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-32px)] flex-col-reverse gap-2 max-sm:bottom-20">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
