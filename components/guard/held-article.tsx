// One held group in the panel: a line with its clock, below it its card if that is open; once it is decided, the line shows what was done.
'use client';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import Link from 'next/link';
import { groupHref, reportHref } from '../frame/links.ts';
import { IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { FrozenGlyph, HeldGlyph, OomGlyph, RunningGlyph } from '../ui/glyphs.tsx';
import { countdown, type DecisionEvent, type HeldGroup } from './held.ts';
import { endWords, heldFacts, thenWords } from './held-words.ts';
import { HoldCard } from './hold-card.tsx';
import { useDecide } from './use-decide.ts';

export interface HeldArticleProps {
  readonly held: HeldGroup;
  readonly now: number;
  readonly unfolded: boolean;
  readonly onToggle: (unfold: boolean) => void;
  readonly onDismiss: () => void;
}

export function HeldArticle({ held, now, unfolded, onToggle, onDismiss }: HeldArticleProps) {
  const { group, id, end } = held;
  const deciding = useDecide(held);
  if (end)
    return (
      <article aria-label={group}>
        <header className={line}>
          <EndGlyph outcome={end.outcome} />
          <Name group={group} />
          <p className="min-w-0 flex-1 text-sm max-sm:basis-full">{endWords(end)}</p>
          <span className="flex items-center gap-3">
            <Link href={reportHref(id)} className="text-sm text-quiet underline underline-offset-2 hover:text-text">
              Report
            </Link>
            <IconButton icon={X} size="sm" label={`Dismiss ${group}`} onClick={onDismiss} />
          </span>
        </header>
      </article>
    );
  return (
    <article aria-label={group}>
      <header className={cx(line, unfolded && 'pt-2')}>
        <HeldGlyph />
        <Name group={group} />
        <p className="min-w-0 flex-1 truncate text-sm text-quiet max-sm:hidden">{heldFacts(held)}</p>
        <Clock held={held} now={now} large={unfolded} />
        <IconButton
          icon={unfolded ? ChevronDown : ChevronUp}
          size="sm"
          label={unfolded ? `Fold ${group}` : `Unfold ${group}`}
          aria-expanded={unfolded}
          onClick={() => onToggle(!unfolded)}
        />
      </header>
      {unfolded && (
        <p className="px-3 pb-1 text-xs text-quiet sm:hidden">
          {heldFacts(held)}. {thenWords(held)}
        </p>
      )}
      {unfolded && <HoldCard held={held} deciding={deciding} />}
    </article>
  );
}

const line = 'flex min-h-9 flex-wrap items-center gap-x-3 px-4 py-1 max-sm:px-3 sm:flex-nowrap';

function Name({ group }: { readonly group: string }) {
  const name = group.slice(group.lastIndexOf('/') + 1) || group;
  return (
    <h2 className="w-36 min-w-0 shrink-0 truncate @min-[1100px]:w-52 max-sm:w-auto max-sm:flex-1">
      <Link href={groupHref(group)} className="text-base font-semibold hover:underline" title={group} aria-label={`Open ${group}`}>
        {name}
      </Link>
    </h2>
  );
}

interface ClockProps {
  readonly held: HeldGroup;
  readonly now: number;
  readonly large: boolean;
}

/** How long people have, and what is done then. */
function Clock({ held, now, large }: ClockProps) {
  const then = thenWords(held);
  return (
    <p className="flex shrink-0 items-baseline gap-2">
      <span className="max-w-[34ch] truncate text-xs text-quiet max-sm:hidden" title={then}>
        {then}
      </span>
      <span className={cx('min-w-[4ch] text-right font-semibold', large ? 'text-xl leading-6' : 'text-base')}>
        <span className="sr-only">decided in </span>
        {countdown(held.decidesAt - now)}
      </span>
    </p>
  );
}

function EndGlyph({ outcome }: Pick<DecisionEvent, 'outcome'>) {
  if (outcome === 'continues') return <RunningGlyph className="text-usage" />;
  if (outcome === 'killed') return <OomGlyph />;
  return outcome === 'gone' ? <RunningGlyph empty /> : <FrozenGlyph />;
}
