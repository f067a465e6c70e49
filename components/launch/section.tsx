// A part of the form that folds away behind a line with its summary.
'use client';
import { ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Faults, FormField } from './launch-form.ts';
import type { SummaryPart } from './summaries.ts';

export interface SectionProps {
  readonly title: string;
  /** Always visible, so that nothing weaker than usual hides in a fold. */
  readonly summary: readonly SummaryPart[];
  readonly openAtFirst?: boolean;
  readonly faults: Faults;
  /** A fault in one of these keeps the section open. */
  readonly fields: readonly FormField[];
  readonly children: ReactNode;
}

export function Section({ title, summary, openAtFirst = false, faults, fields, children }: SectionProps) {
  const [open, setOpen] = useState(openAtFirst);
  const faulty = fields.some((field) => faults[field] !== undefined);
  return (
    <details
      open={open || faulty}
      onToggle={(event) => setOpen(event.currentTarget.open)}
      className="group/fold @container rounded-lg border border-line bg-raised"
    >
      <summary className="grid list-none grid-cols-[16px_minmax(0,1fr)] items-baseline gap-x-2 rounded-lg px-4 py-3 @min-[560px]:grid-cols-[16px_112px_minmax(0,1fr)] [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 self-center text-quiet transition-transform duration-150 group-open/fold:rotate-90" />
        <span className="text-sm font-medium">{title}</span>
        <span className="col-start-2 text-sm text-quiet @min-[560px]:col-start-3">
          {summary.map(({ text, weak }, i) => (
            <span key={text}>
              {i > 0 && ' · '}
              {weak ? <span className="font-medium text-pressure-critical">▲ {text}</span> : text}
            </span>
          ))}
        </span>
      </summary>
      <div className="flex flex-col gap-4 px-4 pb-4">{children}</div>
    </details>
  );
}
