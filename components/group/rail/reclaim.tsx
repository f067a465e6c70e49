// Reclaims memory of the group on demand: an amount, a button, and the result (v2’s memory.reclaim).
'use client';
import { useState } from 'react';
import type { CallAnswer } from '../../../server/contract/calls.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import { MAX, parseSize } from '../../../server/contract/units.ts';
import { api, problemOf } from '../../live/api.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { ValueInput } from '../value-input.tsx';
import { reclaimWords } from './reclaim-words.ts';

export interface ReclaimProps {
  readonly group: string;
  readonly reason: string | undefined;
}

type Outcome = { readonly answer: CallAnswer<'reclaim'> } | { readonly problem: Problem };

export function Reclaim({ group, reason }: ReclaimProps) {
  const [amount, setAmount] = useState('64M');
  const [pending, setPending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const bytes = parseSize(amount.trim());
  const faulty = bytes === undefined || bytes === MAX || bytes === 0;
  const reclaim = async () => {
    if (faulty || pending) return;
    setPending(true);
    try {
      setOutcome({ answer: await api.reclaim({ group, bytes }) });
    } catch (error) {
      setOutcome({ problem: problemOf(error) });
    }
    setPending(false);
  };
  return (
    <div className="text-sm sm:w-[284px]">
      <div className="flex items-center gap-2 max-sm:w-full">
        <span aria-hidden className="flex size-4 items-center justify-center">
          <span className="hatch size-[10px] rounded-[2px] bg-usage-soft [--hatch:var(--usage)]" />
        </span>
        <span className="w-[64px] text-quiet">Reclaim</span>
        <ValueInput
          aria-label="How much to reclaim"
          className="w-[104px] max-sm:flex-1"
          value={amount}
          faulty={faulty}
          pending={pending}
          reason={reason}
          onChange={setAmount}
          onEnter={() => void reclaim()}
        />
        <Button
          pending={pending}
          reason={reason ?? (faulty ? 'Enter a size such as 64M or 4096.' : undefined)}
          onClick={() => void reclaim()}
        >
          Reclaim
        </Button>
      </div>
      <p aria-live="polite" className={cx('mt-1 min-h-8 pl-6 text-xs', outcome && 'problem' in outcome ? 'text-hard' : 'text-quiet')}>
        {pending ? 'The kernel reclaims memory…' : outcomeWords(outcome)}
      </p>
    </div>
  );
}

function outcomeWords(outcome: Outcome | undefined): string {
  if (!outcome) return 'Cache first, then swap; nothing is killed.';
  return 'problem' in outcome ? `■ ${outcome.problem.detail}` : reclaimWords(outcome.answer);
}
