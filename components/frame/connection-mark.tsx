// Whether what is shown is live, in a word and a shape.
'use client';
import { formatClock } from '../../server/contract/units.ts';
import { type Connection, useConnection } from '../live/hooks.ts';
import { cx } from '../ui/classes.ts';
import { Tip } from '../ui/tooltip.tsx';

/** Why there is no WebSocket, while requests are answered. */
export const whyRefused = ({ full }: Connection) =>
  full ? 'Too many pages have a live connection: close some.' : 'The live connection is refused: by a proxy?';

function words(connection: Connection): { word: string; hint: string } {
  const { state, sinceMs, missing, via } = connection;
  switch (state) {
    case 'live':
      if (via === 'requests')
        return { word: 'By requests', hint: `${whyRefused(connection)} Readings and events are asked for every 2 seconds.` };
      return { word: 'Live', hint: 'Readings and events arrive as they are made.' };
    case 'connecting':
      return { word: 'Connecting', hint: 'Waiting for the first readings.' };
    case 'denied':
      return { word: 'Logged out', hint: 'Log in to continue.' };
    case 'stale': {
      const who = missing === 'agent' ? 'The agent does not answer.' : 'The server does not answer.';
      return { word: 'Stale', hint: sinceMs === undefined ? who : `${who} The readings are from ${formatClock(sinceMs)}.` };
    }
    default:
      return state satisfies never;
  }
}

export function ConnectionMark() {
  const connection = useConnection();
  const { word, hint } = words(connection);
  const live = connection.state === 'live';
  return (
    <Tip text={hint} side="bottom">
      <span data-connection={connection.state} className="mr-2 flex items-center justify-end gap-1.5 text-sm text-quiet max-sm:w-auto">
        <span
          aria-hidden
          className={cx(
            'size-2 rounded-full',
            live ? 'bg-usage' : connection.state === 'stale' ? 'border-2 border-pressure-medium' : 'pending border border-line-strong',
          )}
        />
        <span className="max-sm:sr-only">{word}</span>
      </span>
    </Tip>
  );
}
