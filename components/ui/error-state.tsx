// A problem document on the screen: the sentence, the facts (file, errno, what was asked), and what to do.
import { OctagonX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Problem } from '../../server/contract/problems.ts';
import { cx } from './classes.ts';

/** File, errno and what was asked; nothing where the kernel was not involved. */
export function ProblemFacts({ problem, className }: { readonly problem: Problem; readonly className?: string }) {
  const { errno, file, asked } = problem;
  const facts = Object.entries({ errno, file, asked: errno && asked }).filter(([, value]) => value !== undefined);
  if (facts.length === 0) return null;
  return (
    <dl className={cx('flex flex-wrap gap-x-3 gap-y-0.5 text-xs', className)}>
      {facts.map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="text-quiet">{name}</dt>
          <dd className="min-w-0 font-mono break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface ErrorStateProps {
  readonly problem: Problem;
  /** What to do next: a button, a link. */
  readonly actions?: ReactNode;
  /** Without a frame, inside a box that has one. */
  readonly bare?: boolean;
}

export function ErrorState({ problem, actions, bare = false }: ErrorStateProps) {
  return (
    <div role="alert" className={cx('flex gap-3', !bare && 'rounded-lg border border-hard/60 bg-raised p-4')}>
      <OctagonX aria-hidden className="mt-0.5 size-4 shrink-0 text-hard" />
      <div className="min-w-0">
        <p className="font-medium">{problem.title}</p>
        <p className="mt-0.5 text-quiet">{problem.detail}</p>
        <ProblemFacts problem={problem} className="mt-2" />
        {actions !== undefined && <div className="mt-3 flex flex-wrap gap-2">{actions}</div>}
      </div>
    </div>
  );
}
