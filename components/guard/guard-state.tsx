// The state of a guard in one group: armed and where, held, paused, or waiting and why.
'use client';
import { ShieldCheck, ShieldEllipsis, ShieldQuestionMark } from 'lucide-react';
import type { GuardedGroup } from '../../server/contract/guards.ts';
import { bytesText } from '../../server/contract/units.ts';
import { useTick } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { HeldGlyph } from '../ui/glyphs.tsx';
import { countdown } from './held.ts';
import { goToHold, useHoldOver } from './held-now.ts';

const LOOK = {
  armed: { icon: ShieldCheck, name: 'Armed', tone: 'text-usage' },
  held: { icon: HeldGlyph, name: 'Held', tone: 'text-frozen' },
  paused: { icon: ShieldEllipsis, name: 'Paused', tone: 'text-soft' },
  waiting: { icon: ShieldQuestionMark, name: 'Waits', tone: 'text-quiet' },
} as const;

export function GuardState({ group, state, lineBytes, sentence }: Pick<GuardedGroup, 'group' | 'state' | 'lineBytes' | 'sentence'>) {
  const { icon: Icon, name, tone } = LOOK[state];
  return (
    <span className="inline-flex min-w-0 items-start gap-1.5 leading-5">
      <Icon className={cx('mt-0.5 size-4 shrink-0', tone)} />
      <span className="font-medium whitespace-nowrap">
        {name}
        {state === 'armed' && lineBytes !== undefined && ` at ${bytesText(lineBytes)}`}
      </span>
      {state === 'held' && <Waiting group={group} />}
      {sentence !== undefined && <span className="min-w-0 text-quiet">{sentence}</span>}
    </span>
  );
}

/** How long people still have, and the way to the panel. */
function Waiting({ group }: { readonly group: string }) {
  const hold = useHoldOver(group);
  const now = useTick()?.timeMs ?? 0;
  if (hold?.group !== group) return null;
  return (
    <>
      <span className="whitespace-nowrap text-quiet">
        decided in <span className="inline-block min-w-[4ch] text-right text-text">{countdown(hold.decidesAt - now)}</span>
      </span>
      <Button size="sm" className="-my-0.5" aria-label={`Decide about ${group}`} onClick={() => goToHold(group)}>
        Decide
      </Button>
    </>
  );
}
