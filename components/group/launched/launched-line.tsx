// The launch of this group: the command, its restarts, how it ended and what it had used.
'use client';
import { RotateCw } from 'lucide-react';
import type { GroupView } from '../../../server/contract/answers.ts';
import type { Launched } from '../../../server/contract/launched.ts';
import { visible } from '../../../server/contract/visible.mjs';
import { useTick } from '../../live/hooks.ts';
import { Badge } from '../../ui/badge.tsx';
import { Folded } from '../../ui/folded.tsx';
import { Moment } from '../../ui/moment.tsx';
import { momentWords } from '../../ui/moment-words.ts';
import { endWords, restartWords, usedWords } from './launch-words.ts';

export function LaunchedLine({ launched, joined = [] }: { readonly launched: Launched; readonly joined?: GroupView['joined'] }) {
  const { argv, pid, startedAt, exit } = launched;
  // By the host’s clock, which each frame has: this browser’s may be wrong.
  const nowMs = useTick()?.timeMs ?? Date.now();
  const inside = joined.filter((one) => !one.exit);
  return (
    <>
      <Folded what="command" className="max-w-full">
        <code className="font-mono break-all text-text">{visible(argv.join(' '))}</code>
      </Folded>
      <span>
        pid {pid}, launched <Moment at={startedAt}>{momentWords(startedAt, nowMs)}</Moment>
      </span>
      {exit && (
        <>
          <Badge tone="text">
            ended <Moment at={exit.time}>{momentWords(exit.time, nowMs)}</Moment> {endWords(exit)}
          </Badge>
          <span>{usedWords(exit)}</span>
        </>
      )}
      <Restarts restarts={launched.restarts} nowMs={nowMs} />
      {launched.notes?.map((note) => (
        <span key={note} className="text-text">
          note: {visible(note)}
        </span>
      ))}
      {inside.length > 0 && (
        <span>
          also inside:{' '}
          <code className="font-mono break-all text-text">{visible(inside.map((one) => shortName(one.argv[0] ?? '')).join(', '))}</code>
        </span>
      )}
    </>
  );
}

/** A program may be named by up to 4,095 bytes. */
function shortName(program: string): string {
  return program.length <= 60 ? program : `…${program.slice(-59)}`;
}

function Restarts({ restarts, nowMs }: Pick<Launched, 'restarts'> & { readonly nowMs: number }) {
  const words = restartWords(restarts, nowMs);
  if (words === undefined) return null;
  return (
    <span className="inline-flex items-center gap-1.5 text-text" title={restarts.problem}>
      <RotateCw aria-hidden className="size-3.5 shrink-0 text-quiet" strokeWidth={1.75} />
      {words}
    </span>
  );
}
