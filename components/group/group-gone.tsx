// Shown instead of a group that does not exist: it was removed while the page was open, or it never was there.
'use client';
import { pathFault } from '../../server/contract/paths.ts';
import { formatClock } from '../../server/contract/units.ts';
import { useEvents } from '../live/hooks.ts';
import { LinkButton } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';

export interface GroupGoneProps {
  readonly path: string;
  /** When it was last seen, if it was. */
  readonly lastSeenMs: number | undefined;
}

export function GroupGone({ path, lastSeenMs }: GroupGoneProps) {
  const removed = useEvents({ group: path }).findLast(({ kind }) => kind === 'remove');
  const atMs = removed?.time ?? lastSeenMs;
  const fault = pathFault(path);
  const actions = (
    <>
      <LinkButton href="/" variant="primary">
        To the deck
      </LinkButton>
      <LinkButton href="/launch">Launch</LinkButton>
    </>
  );
  return (
    <>
      <h1 className="sr-only">Group {path}</h1>
      {fault === undefined ? (
        <EmptyState title={atMs === undefined ? `There is no group ${path}` : `${path} was removed`} actions={actions}>
          {atMs === undefined
            ? 'It may have been removed before this page was opened. The page shows the group as soon as it exists.'
            : `It was removed at ${formatClock(atMs)}. If a group of this name is created again, the page shows that one.`}
        </EmptyState>
      ) : (
        <EmptyState title="No group can have this name" actions={actions}>
          {fault}
        </EmptyState>
      )}
    </>
  );
}
