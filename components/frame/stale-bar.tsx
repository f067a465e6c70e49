// Shown while readings are stale, or come by requests: since when, and who does not answer.
'use client';
import { RefreshCw, Unplug } from 'lucide-react';
import { useEffect, useState } from 'react';
import { formatClock, shortDuration } from '../../server/contract/units.ts';
import { useConnection, useNewVersion, useTick } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { Answered } from '../ui/spoken.tsx';
import { whyRefused } from './connection-mark.tsx';

const WHO = {
  server: 'The server does not answer.',
  agent: 'The agent does not answer; the server does.',
} as const;

/** The time since `sinceMs` in words, counted on each second. */
function useAge(sinceMs: number | undefined): string {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    if (sinceMs === undefined) return;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [sinceMs]);
  if (sinceMs === undefined) return '';
  return shortDuration(Math.max(1000, Math.floor((nowMs - sinceMs) / 1000) * 1000));
}

/** A connection that is back within a second shifts no content; the mark in the strip changes at once. */
const PATIENCE_MS = 1000;

/** True once `holds` has been true for a while, false as soon as it is not. */
function useLasting(holds: boolean): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    setLasting(false);
    if (!holds) return;
    const timer = setTimeout(() => setLasting(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [holds]);
  return holds && lasting;
}

export function StaleBar() {
  const connection = useConnection();
  const { state, sinceMs, missing, via } = connection;
  const age = useAge(sinceMs);
  const trouble = useLasting(state === 'stale' || (state === 'connecting' && missing !== undefined));
  // The machine’s clock, as in the charts and events: the browser’s may be set otherwise.
  const timeMs = useTick()?.timeMs;
  const newVersion = useNewVersion();
  const refused = state === 'live' && via === 'requests';
  return (
    <Answered role="status" of={trouble ? (missing ?? 'server') : (newVersion ?? (refused || undefined))}>
      {trouble && (
        <p className="flex flex-wrap items-center gap-x-2 border-b border-pressure-medium/50 bg-pressure-soft px-4 py-1.5 text-sm">
          <Unplug aria-hidden className="size-4 shrink-0 text-pressure-critical" />
          <strong className="font-medium">{WHO[missing ?? 'server']}</strong>
          {sinceMs === undefined ? (
            <span className="text-quiet">Trying to connect.</span>
          ) : (
            <span className="text-quiet">
              The readings are from {formatClock(timeMs ?? sinceMs)}, {age} ago. Trying again.
            </span>
          )}
        </p>
      )}
      {newVersion !== undefined && (
        <p className="flex flex-wrap items-center gap-x-2 border-b border-line bg-raised px-4 py-1.5 text-sm">
          <RefreshCw aria-hidden className="size-4 shrink-0 text-quiet" />
          <strong className="font-medium">cgdeck {newVersion} answers; this page is of another version.</strong>
          <span className="text-quiet">Until it is loaded again, some of it may not work. A draft of a launch is kept.</span>
          <Button size="sm" className="ml-auto" onClick={() => location.reload()}>
            Load again
          </Button>
        </p>
      )}
      {refused && (
        <p className="flex flex-wrap items-center gap-x-2 border-b border-line bg-raised px-4 py-1.5 text-sm">
          <Unplug aria-hidden className="size-4 shrink-0 text-pressure-medium" />
          <strong className="font-medium">{whyRefused(connection)}</strong>
          <span className="text-quiet">
            Readings and events are asked for every 2 seconds instead; a terminal needs the live connection.
          </span>
        </p>
      )}
    </Answered>
  );
}
