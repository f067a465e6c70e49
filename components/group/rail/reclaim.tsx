// Reclaims memory of the group on demand: an amount, a button, and the result (v2’s memory.reclaim).
'use client';
import { useState } from 'react';
import type { CallAnswer } from '../../../server/contract/calls.ts';
import { MAX, parseSize, SIZE_HELP } from '../../../server/contract/units.ts';
import { useAction } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import type { SeenGroup } from '../../live/seen.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { Answered } from '../../ui/spoken.tsx';
import { ValueInput } from '../value-input.tsx';
import { reclaimWords } from './reclaim-words.ts';

export interface ReclaimProps {
  readonly group: SeenGroup;
  readonly reason: string | undefined;
}

export function Reclaim({ group, reason }: ReclaimProps) {
  const [amount, setAmount] = useState('64M');
  const { pending, answer, problem, run } = useAction<CallAnswer<'reclaim'>>();
  const bytes = parseSize(amount.trim());
  const faulty = bytes === undefined || bytes === MAX || bytes === 0;
  const reclaim = () => {
    if (!faulty && !pending) void run(() => api.reclaim({ group: group.path, inode: group.inode, bytes }));
  };
  const result = problem ? `■ ${problem.detail}` : answer ? reclaimWords(answer) : 'Cache first, then swap; nothing is killed.';
  return (
    <div className="text-sm sm:w-[284px]">
      <div className="flex items-center gap-2 max-sm:w-full">
        <span aria-hidden className="flex size-4 items-center justify-center">
          <span className="hatch size-[10px] rounded-[2px] bg-usage-soft [--hatch:var(--color-usage)]" />
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
          onEnter={reclaim}
        />
        <Button once pending={pending} reason={reason ?? (faulty ? `Enter a size ${SIZE_HELP}.` : undefined)} onClick={reclaim}>
          Reclaim
        </Button>
      </div>
      <Answered of={problem ?? answer} className={cx('mt-1 min-h-8 pl-6 text-xs', problem ? 'text-hard' : 'text-quiet')}>
        {pending ? 'The kernel reclaims memory…' : result}
      </Answered>
    </div>
  );
}
