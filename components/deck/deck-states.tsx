// What the deck shows without rows: loading, nothing found, or nothing launched yet.
'use client';
import { Button, LinkButton } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { deckView } from './deck-view.ts';

const WIDTHS = ['w-24', 'w-32', 'w-20', 'w-28', 'w-36', 'w-24', 'w-28', 'w-20', 'w-32', 'w-24'];

export function DeckLoading() {
  return (
    <div role="status" aria-label="Loading the groups" className="flex-1 overflow-hidden">
      <div className="h-9 border-b border-line max-md:hidden" />
      {WIDTHS.map((width, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <div key={i} className="flex h-(--row-height) items-center gap-4 border-b border-line/60 px-4 max-md:h-14">
          <Skeleton className="size-3 rounded-full" />
          <Skeleton className={`h-3 ${width}`} />
          <Skeleton className="ml-auto h-2 w-1/3" />
          <Skeleton className="h-3 w-12" />
          <Skeleton className="h-3 w-12 max-md:hidden" />
        </div>
      ))}
    </div>
  );
}

export function NothingFound({ filter }: { readonly filter: string }) {
  return (
    <EmptyState
      title="No group matches"
      actions={<Button onClick={() => deckView.setState({ filter: '', attention: undefined })}>Show all groups</Button>}
    >
      {filter === '' ? 'No group is in that state now.' : <>Nothing here is called “{filter}”.</>}
    </EmptyState>
  );
}

/** Shown below the rows while nothing was made under the managed root. */
export function FirstLaunch({ managedRoot }: { readonly managedRoot: string }) {
  return (
    <div className="shrink-0 border-t border-line bg-raised">
      <div className="flex flex-wrap items-center gap-x-6 gap-y-3 px-4 py-4">
        <div className="min-w-0 flex-1 basis-80">
          <h2 className="font-semibold">Nothing runs under {managedRoot} yet</h2>
          <p className="mt-0.5 max-w-2xl text-quiet">
            A control group is a set of processes that the kernel counts and limits together. Launch a small leak into one: watch it grow
            towards its limit, freeze it, raise the limit, and thaw it.
          </p>
        </div>
        <LinkButton href="/launch?preset=leak" variant="primary">
          Launch a first leak
        </LinkButton>
      </div>
    </div>
  );
}
