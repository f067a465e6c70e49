// A warning beside a choice that weakens the sandbox: in amber, with a triangle.
import { TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { cx } from './classes.ts';

export function Caution({ children, className }: { readonly children: ReactNode; readonly className?: string }) {
  return (
    <p className={cx('flex items-start gap-2 rounded-md bg-pressure-soft px-2.5 py-1.5 text-sm text-pressure-critical', className)}>
      <TriangleAlert aria-hidden className="mt-px size-3.5 shrink-0" />
      <span className="min-w-0">{children}</span>
    </p>
  );
}
