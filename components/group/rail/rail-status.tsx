// The line under the rail: the binding limit, what a change would do, what was asked and what the kernel set. Its height is fixed.
'use client';
import { durationText } from '../../../server/contract/units.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { bindingLimit, type RailFacts } from './facts.ts';
import { type Prediction, spanText, type Thumb } from './prediction.ts';
import { sizeText } from './size-text.ts';
import type { Outcome, ThumbState } from './thumb-state.ts';
import { kernelSize, thumbFile } from './use-thumb.ts';

export interface TouchedThumb {
  readonly thumb: Thumb;
  readonly state: ThumbState;
  readonly prediction: Prediction | undefined;
  /** Held by a pointer, not by keys. */
  readonly byHand: boolean;
  readonly undo: (outcome: Extract<Outcome, { kind: 'answered' }>) => void;
}

export interface RailStatusProps {
  readonly facts: RailFacts;
  /** The thumb that was touched last, if any was. */
  readonly touched: TouchedThumb | undefined;
  readonly frozen: boolean;
  /** Why the group's memory is not counted, where it is not. */
  readonly absent?: string | undefined;
  /** Where its guard stops it. */
  readonly guard?: string | undefined;
}

const TONE = { calm: 'text-text', care: 'text-pressure-critical', danger: 'text-hard' } as const;
const MARK = { calm: '', care: '▲ ', danger: '■ ' } as const;

export function RailStatus(props: RailStatusProps) {
  return (
    <Answered of={props.touched?.state.outcome} className="min-h-[60px] text-sm leading-5">
      <Status {...props} />
    </Answered>
  );
}

function Status({ facts, touched, frozen, absent, guard }: RailStatusProps) {
  if (absent !== undefined) return <p className="text-quiet">{absent}</p>;
  const phase = touched?.state.phase;
  if (touched?.prediction && phase === 'held') {
    const { tone, sentence } = touched.prediction;
    return (
      <p className={TONE[tone]}>
        {MARK[tone]}
        {sentence}{' '}
        <span className="whitespace-nowrap text-quiet max-sm:hidden">
          {touched.byHand ? 'Release' : <Kbd>Enter</Kbd>} to apply · <Kbd>Esc</Kbd> to cancel
        </span>
      </p>
    );
  }
  if (touched && (phase === 'pending' || phase === 'asking')) {
    return (
      <p className={cx('text-quiet', phase === 'pending' && 'pending')}>
        {phase === 'pending' ? 'Writing' : 'Waiting for your answer before writing'} {sizeText(touched.state.asked ?? 'max')} to{' '}
        <code className="font-mono">{thumbFile(touched.thumb, facts.version)}</code>…
      </p>
    );
  }
  if (touched?.state.outcome) return <Answer outcome={touched.state.outcome} undo={touched.undo} />;
  const rest = frozen ? `Frozen: usage does not change. ${atRest(facts)}` : atRest(facts);
  return (
    <p className="text-quiet">
      {guard !== undefined && <span className="text-text">{guard} </span>}
      {rest}
    </p>
  );
}

function Answer({ outcome, undo }: { readonly outcome: Outcome; readonly undo: TouchedThumb['undo'] }) {
  if (outcome.kind === 'refused') {
    const { problem } = outcome;
    return (
      <p className="text-hard">
        ■ {problem.detail}{' '}
        {problem.errno !== undefined && !problem.detail.includes(problem.errno) && <code className="font-mono">{problem.errno}</code>}
      </p>
    );
  }
  const { answer } = outcome;
  const asked = kernelSize(answer.asked);
  const set = kernelSize(answer.new);
  // Where both are equal in three digits, the bytes show that the kernel rounded.
  const rounded = asked !== set && sizeText(asked) === sizeText(set);
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <span>
        <span className="text-quiet">asked</span> {rounded ? answer.asked.trim() : sizeText(asked)}{' '}
        <span className="text-quiet">→ kernel set</span>{' '}
        <strong className="font-semibold">{rounded ? answer.new.trim() : sizeText(set)}</strong>
        {rounded && <span className="text-quiet"> ({sizeText(set)}, whole pages)</span>}
        <span className="text-quiet">, {durationText(answer.tookMs)}</span>
        {answer.also?.map((also) => (
          <span key={also.file} className="text-quiet">
            {' '}
            · <code className="font-mono">{also.file}</code> also set to {sizeText(kernelSize(also.new))}
          </span>
        ))}
      </span>
      {answer.old.trim() !== answer.new.trim() && (
        <Button size="sm" variant="quiet" onClick={() => undo(outcome)}>
          Undo: set {sizeText(kernelSize(answer.old))}
        </Button>
      )}
    </p>
  );
}

/** The text while no thumb is moved. */
function atRest(facts: RailFacts): string {
  const { bytes, whose, group } = bindingLimit(facts);
  const room = bytes - facts.usageBytes;
  const limit =
    whose === 'own'
      ? `its hard limit of ${sizeText(bytes)}`
      : whose === 'ancestor'
        ? `the limit of ${group}, ${sizeText(bytes)}`
        : `the machine’s memory of ${sizeText(bytes)}; no limit is lower`;
  const growth = facts.growthPerSec ?? 0;
  const soon = growth > 0 && room > 0 && room / growth < 3600 ? ` At this growth it is full in ${spanText(room / growth)}.` : '';
  const over = overSoft(facts);
  return `${sizeText(Math.max(0, room))} left until ${limit}.${over}${soon}`;
}

/** The effect of usage over a soft limit: the group's own, or on v2 also an ancestor's, which slows down all groups below. */
function overSoft({ version, usageBytes, soft, ancestorSoft }: RailFacts): string {
  if (version === 1) return soft !== 'max' && usageBytes > soft ? ` ${sizeText(usageBytes - soft)} over the soft limit.` : '';
  if (soft !== 'max' && usageBytes > soft)
    return ` ${sizeText(usageBytes - soft)} over the soft limit: it is slowed down and made to reclaim.`;
  return ancestorSoft && usageBytes > ancestorSoft.bytes
    ? ` Over the soft limit of ${ancestorSoft.group} (${sizeText(ancestorSoft.bytes)}): it is slowed down and made to reclaim.`
    : '';
}
