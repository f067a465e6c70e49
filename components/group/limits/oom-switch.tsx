// What happens at the hard limit when nothing can be reclaimed. v1: a task is killed, or all wait. v2: one process is killed, or the whole group.
'use client';
import { useState } from 'react';
import type { WriteAnswer } from '../../../server/contract/answers.ts';
import { fileOfReading } from '../../../server/contract/control-files.ts';
import { keyOn } from '../../../server/contract/quantities.ts';
import { durationText } from '../../../server/contract/units.ts';
import { useAction } from '../../frame/use-action.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { cx } from '../../ui/classes.ts';
import { useQuestion } from '../../ui/question.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { Tip } from '../../ui/tooltip.tsx';
import { useWhyAbsent } from '../absent.ts';
import { writeAsking } from '../write-asking.ts';
import { FieldHead } from './field-head.tsx';
import { useHeld } from './use-held.ts';

const MEANS = {
  1: {
    key: keyOn('oom-kill-disabled', 1) ?? '',
    choices: [
      { value: 0, label: 'Kill a task', help: 'The kernel kills a task of the group.' },
      { value: 1, label: 'Let them wait', help: 'Tasks wait until the limit is raised; none is killed.' },
    ],
  },
  2: {
    key: keyOn('oom-whole-group', 2) ?? '',
    choices: [
      { value: 0, label: 'Kill a process', help: 'The kernel kills one process; v2 cannot let them wait.' },
      { value: 1, label: 'Kill them all', help: 'The kernel kills every process of the group and below it.' },
    ],
  },
} as const;

export interface OomSwitchProps {
  readonly live: GroupLive;
  readonly version: 1 | 2;
  readonly reason: string | undefined;
}

export function OomSwitch({ live, version, reason }: OomSwitchProps) {
  const ask = useQuestion();
  const [asked, setAsked] = useState<number>();
  const { pending, answer, problem, run } = useAction<WriteAnswer | undefined>();
  const { key, choices } = MEANS[version];
  const file = fileOfReading(key);
  const absent = useWhyAbsent(live.entry, file, version);
  const { of, answered } = useHeld(live.readings, live.atMs);
  const now = of(key);
  const off = now === undefined ? (absent ?? `This group has no ${file}.`) : reason;
  const write = (value: 0 | 1) => {
    if (off !== undefined || value === now || pending) return;
    setAsked(value);
    void run(async () => {
      const written = await writeAsking({ group: live.entry, file, value, replaces: String(now) }, ask);
      if (written) answered(key, value);
      return written;
    });
  };
  return (
    <div className="min-w-0 @max-[519px]:col-span-2">
      <FieldHead file={file}>When memory runs out</FieldHead>
      <Tip text={off}>
        <div
          role="radiogroup"
          aria-label="When memory runs out"
          className="mt-1 grid h-[32px] grid-cols-2 rounded-md border border-line-strong/50 bg-surface p-0.5 max-sm:h-[40px]"
        >
          {choices.map(({ value, label }) => (
            // biome-ignore lint/a11y/useSemanticElements: a radio of the browser cannot wait for the kernel before it is checked
            <button
              key={value}
              type="button"
              role="radio"
              aria-checked={now === value}
              aria-disabled={off !== undefined || undefined}
              onClick={() => write(value)}
              className={cx(
                'rounded-sm text-sm',
                now === value ? 'bg-line font-medium text-text' : 'text-quiet',
                off === undefined && 'hover:text-text',
                pending && asked === value && 'pending',
              )}
            >
              {label}
            </button>
          ))}
        </div>
      </Tip>
      <Answered of={problem ?? answer} className={cx('mt-1 min-h-4 text-xs', problem ? 'text-hard' : 'text-quiet')}>
        {problem && '■ '}
        {choices.find(({ value }) => value === now)?.help ?? off} {problem?.detail ?? (answer && `Set in ${durationText(answer.tookMs)}.`)}
      </Answered>
    </div>
  );
}
