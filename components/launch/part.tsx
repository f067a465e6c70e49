// A part of the form that is always open, and what every part gets.
import type { ReactNode } from 'react';
import type { Change, Faults, LaunchForm } from './launch-form.ts';

export interface PartProps {
  readonly form: LaunchForm;
  readonly faults: Faults;
  readonly onChange: Change;
}

export function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="@container rounded-lg border border-line bg-raised p-4">
      <h2 className="pb-3 text-sm font-medium text-quiet">{title}</h2>
      <div className="flex flex-col gap-4">{children}</div>
    </section>
  );
}
