// One held group: what is known of it, what can be done, and what was done.
'use client';
import { useState } from 'react';
import type { HoldChoice } from '../../server/contract/guards.ts';
import { formatBytes, formatClock, type Quantity } from '../../server/contract/units.ts';
import { spanText } from '../group/rail/prediction.ts';
import type { Size } from '../group/rail/scale.ts';
import { sizeText } from '../group/rail/size-text.ts';
import { useHost, useMachineVersion, useWhyNotAct } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { type Foretold, foretellKillAll, foretellRaise, foretellReclaim, foretellThaw, NO_RECLAIM_ON_V1, whyNoRaise } from './foretell.ts';
import type { HeldGroup } from './held.ts';
import { HeldProcesses } from './held-processes.tsx';
import { RaiseRail } from './raise-rail.tsx';
import { UsageKinds } from './usage-kinds.tsx';
import { type Deciding, useDecide } from './use-decide.ts';

export function HoldCard({ held }: { readonly held: HeldGroup }) {
  const deciding = useDecide(held);
  const mayNotAct = useWhyNotAct();
  const host = useHost();
  const [foretold, setForetold] = useState<Foretold>();
  const [asked, setAsked] = useState<Size>();
  const { facts, group } = held;
  const reason = held.end ? 'It was decided.' : mayNotAct;
  const act = (choice: HoldChoice) => void deciding.decide(choice);
  const raise = (size: Size) => act(size === 'max' ? { do: 'dropLimit' } : { do: 'raise', bytes: size });
  return (
    <div className="px-4 pt-2 pb-4 max-sm:px-3">
      {host && (
        <RaiseRail
          held={held}
          memoryBytes={host.memoryBytes}
          pending={deciding.pending}
          reason={reason}
          onMove={setAsked}
          onRaise={raise}
        />
      )}
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <Choices held={held} pending={deciding.pending} reason={reason} act={act} foretell={setForetold} />
      </div>
      <Outcome
        held={held}
        deciding={deciding}
        foretold={asked === undefined ? foretold : foretellRaise(held, asked)}
        mayNotAct={mayNotAct}
      />
      <div className="mt-3 grid grid-cols-1 gap-x-8 gap-y-4 border-t border-line pt-3 @min-[760px]:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_minmax(0,1.4fr)]">
        <Part title="Where it stands">
          <Facts held={held} />
        </Part>
        <Part title="What its memory is">
          <UsageKinds facts={facts} />
        </Part>
        <Part title="Largest processes">
          <HeldProcesses
            group={group}
            facts={facts}
            pending={deciding.pending}
            reason={reason}
            onKill={(pid) => act({ do: 'killProcess', pid })}
            onMove={(pid, to) => act({ do: 'move', pid, to })}
            foretell={setForetold}
          />
        </Part>
      </div>
      {held.tried.length > 0 && (
        <ol aria-label="Tried before" className="mt-3 border-t border-line pt-2 text-sm text-quiet">
          {held.tried.map(({ time, by, sentence }) => (
            <li key={`${time}${sentence}`}>
              {formatClock(time)} {by}: {sentence}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="pb-1 text-xs text-quiet">{title}</h3>
      {children}
    </div>
  );
}

interface ChoicesProps {
  readonly held: HeldGroup;
  readonly pending: boolean;
  readonly reason: string | undefined;
  readonly act: (choice: HoldChoice) => void;
  readonly foretell: (what: Foretold | undefined) => void;
}

function Choices({ held, pending, reason, act, foretell }: ChoicesProps) {
  const version = useMachineVersion('memory');
  const { suggestedBytes } = held;
  const on = (what: Foretold) => ({
    onFocus: () => foretell(what),
    onBlur: () => foretell(undefined),
    onMouseEnter: () => foretell(what),
    onMouseLeave: () => foretell(undefined),
  });
  const noRaise = whyNoRaise(held, suggestedBytes);
  return (
    <>
      <Button
        variant="primary"
        pending={pending}
        reason={reason ?? (noRaise === undefined ? undefined : 'The machine has no memory left for more.')}
        {...on(foretellRaise(held, suggestedBytes))}
        onClick={() => act({ do: 'raise', bytes: suggestedBytes })}
      >
        Raise to {sizeText(suggestedBytes)}
      </Button>
      <Button pending={pending} reason={reason} {...on(foretellRaise(held, 'max'))} onClick={() => act({ do: 'dropLimit' })}>
        Drop the limit
      </Button>
      <Button
        pending={pending}
        reason={reason ?? (version === 1 ? NO_RECLAIM_ON_V1 : undefined)}
        {...on(foretellReclaim(held))}
        onClick={() => act({ do: 'reclaim' })}
      >
        Reclaim
      </Button>
      <Button pending={pending} reason={reason} {...on(foretellThaw(held))} onClick={() => act({ do: 'thaw' })}>
        Thaw as it is
      </Button>
      <Button
        variant="quiet"
        className="text-hard! @min-[560px]:ml-auto"
        pending={pending}
        reason={reason}
        {...on(foretellKillAll(held))}
        onClick={() => act({ do: 'kill' })}
      >
        Kill all…
      </Button>
    </>
  );
}

const TONE = { calm: 'text-text', care: 'text-pressure-critical', danger: 'text-hard' } as const;
const MARK = { calm: '', care: '▲ ', danger: '■ ' } as const;

interface OutcomeProps {
  readonly held: HeldGroup;
  readonly deciding: Deciding;
  readonly foretold: Foretold | undefined;
  readonly mayNotAct: string | undefined;
}

/** What a choice will do, or what came of the last one. Its height is fixed. */
function Outcome({ held, deciding, foretold, mayNotAct }: OutcomeProps) {
  const { pending, answer, problem } = deciding;
  const line = (): { readonly text: string; readonly tone: keyof typeof TONE } => {
    if (pending) return { text: 'Sent; waiting for the kernel…', tone: 'calm' };
    if (problem) return { text: problem.detail, tone: 'danger' };
    if (held.end) return { text: `${held.end.by === undefined ? '' : `${held.end.by}: `}${held.end.sentence}`, tone: 'calm' };
    if (foretold) return { text: foretold.sentence, tone: foretold.tone };
    if (answer) return { text: answer.sentence, tone: 'calm' };
    return { text: mayNotAct ?? 'Its tasks are stopped, and nothing is lost. Drag the limit, or choose.', tone: 'calm' };
  };
  const { text, tone } = line();
  return (
    <p aria-live="polite" className={cx('mt-2 min-h-5 text-sm leading-5 max-sm:min-h-10', TONE[tone], pending && 'pending')}>
      {MARK[tone]}
      {text}
    </p>
  );
}

/** The figures that a decision rests on. */
function Facts({ held }: { readonly held: HeldGroup }) {
  const { facts, group } = held;
  const { usageBytes, lineBytes, limit, memsw, bytesPerSec, secondsLeft, machineBytes } = facts;
  const whose = limit.value === 'max' ? 'no limit' : limit.group === group ? 'its own limit' : `limit of ${limit.group}`;
  return (
    <dl className="text-sm">
      <Row name="In use" quantity={formatBytes(usageBytes)} />
      {lineBytes !== undefined && <Row name="Held at" quantity={formatBytes(lineBytes)} />}
      <Row name={whose} quantity={limit.value === 'max' ? undefined : formatBytes(limit.value)} />
      {memsw && (
        <>
          <Row name="With swap in use" quantity={formatBytes(memsw.usageBytes)} />
          <Row name="With swap held at" quantity={formatBytes(memsw.lineBytes)} />
          <Row name="Limit with swap" quantity={memsw.limit.value === 'max' ? undefined : formatBytes(memsw.limit.value)} />
        </>
      )}
      {bytesPerSec !== undefined && <Row name="Grew before by" quantity={formatBytes(bytesPerSec)} per="/s" />}
      {secondsLeft !== undefined && <Row name="At that rate full in" quantity={{ figure: spanText(secondsLeft), unit: '' }} />}
      <Row name="The machine has left" quantity={machineBytes === undefined ? undefined : formatBytes(machineBytes)} />
    </dl>
  );
}

interface RowProps {
  readonly name: string;
  readonly quantity: Quantity | undefined;
  readonly per?: string;
}

function Row({ name, quantity, per = '' }: RowProps) {
  return (
    <div className="flex h-5 items-center justify-between gap-2" title={name}>
      <dt className="min-w-0 truncate text-quiet first-letter:uppercase">{name}</dt>
      <dd className="whitespace-nowrap">
        {quantity?.figure ?? '–'} <span className="text-quiet">{quantity && `${quantity.unit}${per}`}</span>
      </dd>
    </div>
  );
}
