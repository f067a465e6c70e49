// What can be done with a held group: the rail for a new limit, the choices, what each will do, and what was done; the details on request.
'use client';
import { useState } from 'react';
import type { HoldChoice } from '../../server/contract/guards.ts';
import { useMedia } from '../frame/use-media.ts';
import { useRemembered } from '../frame/use-remembered.ts';
import type { Size } from '../group/rail/scale.ts';
import { useHost, useWhyNotAct } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { ProblemFacts } from '../ui/error-state.tsx';
import { Moment } from '../ui/moment.tsx';
import { Answered } from '../ui/spoken.tsx';
import { type Foretold, foretellRaise } from './foretell.ts';
import type { HeldGroup } from './held.ts';
import { HoldChoices } from './hold-choices.tsx';
import { HoldDetails } from './hold-details.tsx';
import { RaiseRail } from './raise-rail.tsx';
import { ReclaimProgress } from './reclaim-progress.tsx';
import type { Deciding } from './use-decide.ts';

export function HoldCard({ held, deciding }: { readonly held: HeldGroup; readonly deciding: Deciding }) {
  const reason = useWhyNotAct();
  const host = useHost();
  const [foretold, setForetold] = useState<Foretold>();
  const [asked, setAsked] = useState<Size>();
  const tall = useMedia('(min-height: 1000px)');
  const [chosen, choose] = useRemembered('cgdeck-hold-details', ['open', 'closed', 'unset'], 'unset');
  const detailed = chosen === 'unset' ? tall : chosen === 'open';
  const act = (choice: HoldChoice) => void deciding.decide(choice);
  return (
    <div className="px-4 pb-3 max-sm:px-3">
      {host && (
        <RaiseRail
          held={held}
          memoryBytes={host.memoryBytes}
          pending={deciding.pending}
          reason={reason}
          onMove={setAsked}
          onRaise={(size) => act(size === 'max' ? { do: 'dropLimit' } : { do: 'raise', bytes: size })}
        />
      )}
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <HoldChoices held={held} pending={deciding.pending} reason={reason} act={act} foretell={setForetold} />
      </div>
      {held.reclaim && <ReclaimProgress hold={held.id} reclaim={held.reclaim} reason={reason} />}
      <div className="mt-2 flex items-start gap-4">
        <Outcome deciding={deciding} foretold={asked === undefined ? foretold : foretellRaise(held, asked)} mayNotAct={reason} />
        <Button variant="quiet" size="sm" aria-expanded={detailed} onClick={() => choose(detailed ? 'closed' : 'open')}>
          {detailed ? 'No details' : 'Details'}
        </Button>
      </div>
      {detailed && <HoldDetails held={held} pending={deciding.pending} reason={reason} act={act} foretell={setForetold} />}
      {held.tried.length > 0 && (
        <ol aria-label="Tried before" className="mt-2 border-t border-line pt-2 text-sm text-quiet">
          {held.tried.map(({ time, by, sentence }) => (
            <li key={`${time}${sentence}`} className="flex gap-3">
              <Moment at={time} />
              <span className="min-w-0">
                {by === '' ? '' : `${by}: `}
                {sentence}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

const TONE = { calm: 'text-text', care: 'text-pressure-critical', danger: 'text-hard' } as const;
const MARK = { calm: '', care: '▲ ', danger: '■ ' } as const;

interface OutcomeProps {
  readonly deciding: Deciding;
  readonly foretold: Foretold | undefined;
  readonly mayNotAct: string | undefined;
}

/** What a choice will do, or what came of the last one. Two lines are reserved where one is not enough. */
function Outcome({ deciding, foretold, mayNotAct }: OutcomeProps) {
  const { pending, answer, problem } = deciding;
  const said = (): { readonly text: string; readonly tone: keyof typeof TONE } => {
    if (pending) return { text: 'Sent; waiting for the kernel…', tone: 'calm' };
    if (foretold) return { text: foretold.sentence, tone: foretold.tone };
    if (problem) return { text: problem.detail, tone: 'danger' };
    if (answer) return { text: answer.sentence, tone: 'calm' };
    return { text: mayNotAct ?? 'Its tasks are stopped, and nothing is lost. Drag the limit, or choose.', tone: 'calm' };
  };
  const { text, tone } = said();
  return (
    <Answered
      of={pending || foretold ? undefined : (problem ?? answer)}
      className="min-h-6 min-w-0 flex-1 pt-0.5 text-sm leading-5 max-sm:min-h-11 @max-[760px]:min-h-11"
    >
      <p className={cx(TONE[tone], pending && 'pending')}>
        {MARK[tone]}
        {text}
      </p>
      {problem && !pending && !foretold && <ProblemFacts problem={problem} />}
    </Answered>
  );
}
