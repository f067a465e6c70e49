// The line under the rail: what binds now, what would happen, what was asked and what the kernel said. It keeps its height.
'use client';
import { formatDuration } from '../../../server/contract/units.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { Kbd } from '../../ui/kbd.tsx';
import { bindingLimit } from './facts.ts';
import { type Prediction, type RailFacts, spanText, type Thumb } from './prediction.ts';
import { sizeText } from './size-text.ts';
import type { Outcome, ThumbState } from './thumb-state.ts';
import { kernelSize, thumbFile } from './use-thumb.ts';

export interface ThumbSays {
  readonly thumb: Thumb;
  readonly state: ThumbState;
  readonly prediction: Prediction | undefined;
  /** Held by a pointer, not by keys. */
  readonly byHand: boolean;
  readonly undo: (outcome: Extract<Outcome, { kind: 'answered' }>) => void;
}

export interface RailSaysProps {
  readonly facts: RailFacts;
  /** The thumb that was touched last, if any was. */
  readonly says: ThumbSays | undefined;
  readonly frozen: boolean;
  /** Why the group's memory is not counted, where it is not. */
  readonly absent?: string | undefined;
}

const TONE = { calm: 'text-text', care: 'text-pressure-critical', danger: 'text-hard' } as const;
const MARK = { calm: '', care: '▲ ', danger: '■ ' } as const;

export function RailSays(props: RailSaysProps) {
  return (
    <div className="min-h-[60px] text-sm leading-5" aria-live="polite">
      <Says {...props} />
    </div>
  );
}

function Says({ facts, says, frozen, absent }: RailSaysProps) {
  if (absent !== undefined) return <p className="text-quiet">{absent}</p>;
  const phase = says?.state.phase;
  if (says?.prediction && phase === 'held') {
    const { tone, sentence } = says.prediction;
    return (
      <p className={TONE[tone]}>
        {MARK[tone]}
        {sentence}{' '}
        <span className="whitespace-nowrap text-quiet max-sm:hidden">
          {says.byHand ? 'Letting go' : <Kbd>Enter</Kbd>} writes · <Kbd>Esc</Kbd> leaves it
        </span>
      </p>
    );
  }
  if (says && (phase === 'pending' || phase === 'asking')) {
    return (
      <p className={cx('text-quiet', phase === 'pending' && 'pending')}>
        {phase === 'pending' ? 'Writing' : 'Asking before it writes'} {sizeText(says.state.asked ?? 'max')} to{' '}
        <code className="font-mono">{thumbFile(says.thumb, facts.version)}</code>…
      </p>
    );
  }
  if (says?.state.outcome) return <Answer outcome={says.state.outcome} undo={says.undo} />;
  return <p className="text-quiet">{frozen ? `Frozen: usage stands still. ${atRest(facts)}` : atRest(facts)}</p>;
}

function Answer({ outcome, undo }: { readonly outcome: Outcome; readonly undo: ThumbSays['undo'] }) {
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
  const took = formatDuration(answer.tookMs);
  const asked = kernelSize(answer.asked);
  const said = kernelSize(answer.new);
  // Where both read the same in three digits, only the bytes show what the kernel made of it.
  const rounded = asked !== said && sizeText(asked) === sizeText(said);
  return (
    <p className="flex flex-wrap items-center gap-x-2">
      <span>
        <span className="text-quiet">asked</span> {rounded ? answer.asked.trim() : sizeText(asked)}{' '}
        <span className="text-quiet">→ kernel says</span>{' '}
        <strong className="font-semibold">{rounded ? answer.new.trim() : sizeText(said)}</strong>
        {rounded && <span className="text-quiet"> ({sizeText(said)}, whole pages)</span>}
        <span className="text-quiet">
          , {took.figure} {took.unit}
        </span>
        {answer.also?.map((also) => (
          <span key={also.file} className="text-quiet">
            {' '}
            · <code className="font-mono">{also.file}</code> moved along to {sizeText(kernelSize(also.new))}
          </span>
        ))}
      </span>
      {answer.old.trim() !== answer.new.trim() && (
        <Button size="sm" variant="quiet" onClick={() => undo(outcome)}>
          Undo: back to {sizeText(kernelSize(answer.old))}
        </Button>
      )}
    </p>
  );
}

/** What holds while nobody touches anything. */
function atRest(facts: RailFacts): string {
  const { bytes, whose, group } = bindingLimit(facts);
  const room = bytes - facts.usageBytes;
  const who =
    whose === 'own'
      ? 'Its own hard limit binds'
      : whose === 'ancestor'
        ? `The limit of ${group} binds`
        : 'No limit binds but the machine’s memory';
  const growth = facts.growthPerSec ?? 0;
  const soon = growth > 0 && room > 0 && room / growth < 3600 ? ` At this rate it is full in ${spanText(room / growth)}.` : '';
  const over = overSoft(facts);
  return `${who} at ${sizeText(bytes)}: ${sizeText(Math.max(0, room))} of headroom.${over}${soon}`;
}

/** What being over a soft limit means, its own or on v2 also an ancestor's, which slows down whatever is below. */
function overSoft({ version, usageBytes, soft, ancestorSoft }: RailFacts): string {
  if (version === 1) return soft !== 'max' && usageBytes > soft ? ` ${sizeText(usageBytes - soft)} over the soft limit.` : '';
  if (soft !== 'max' && usageBytes > soft)
    return ` ${sizeText(usageBytes - soft)} over the soft limit: it is slowed down and made to reclaim.`;
  return ancestorSoft && usageBytes > ancestorSoft.bytes
    ? ` Over the soft limit of ${ancestorSoft.group} (${sizeText(ancestorSoft.bytes)}): it is slowed down and made to reclaim.`
    : '';
}
