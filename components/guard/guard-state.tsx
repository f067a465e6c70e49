// The state of a guard in one group: armed and where, held, paused, or waiting and why.
import { ShieldAlert, ShieldCheck, ShieldEllipsis, ShieldQuestionMark } from 'lucide-react';
import type { GuardedGroup } from '../../server/contract/guards.ts';
import { bytesText } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';

const LOOK = {
  armed: { icon: ShieldCheck, name: 'Armed', tone: 'text-usage' },
  held: { icon: ShieldAlert, name: 'Held', tone: 'text-frozen' },
  paused: { icon: ShieldEllipsis, name: 'Paused', tone: 'text-soft' },
  waiting: { icon: ShieldQuestionMark, name: 'Waits', tone: 'text-quiet' },
} as const;

export function GuardState({ state, lineBytes, sentence }: Pick<GuardedGroup, 'state' | 'lineBytes' | 'sentence'>) {
  const { icon: Icon, name, tone } = LOOK[state];
  return (
    <span className="inline-flex min-w-0 items-baseline gap-1.5">
      <Icon aria-hidden className={cx('size-4 shrink-0 self-center', tone)} />
      <span className="font-medium whitespace-nowrap">
        {name}
        {state === 'armed' && lineBytes !== undefined && ` at ${bytesText(lineBytes)}`}
      </span>
      {sentence !== undefined && <span className="min-w-0 text-quiet">{sentence}</span>}
    </span>
  );
}
