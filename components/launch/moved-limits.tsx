// Shows that limits of the group were changed since its launch, and offers to use them.
'use client';
import { useState } from 'react';
import { settingWords } from '../../server/contract/event-words.ts';
import { Button } from '../ui/button.tsx';
import type { Change, LaunchForm } from './launch-form.ts';
import { limitsOf } from './limits-of-form.ts';

export interface MovedLimitsProps {
  readonly form: LaunchForm;
  readonly moved: Partial<LaunchForm>;
  readonly onTake: Change;
}

export function MovedLimits({ form, moved, onTake }: MovedLimitsProps) {
  const [taken, setTaken] = useState(false);
  const now = limitsOf({ ...form, ...moved });
  const text = Object.entries(now)
    .map(([file, value]) => `${file} ${settingWords(file, String(value))}`)
    .join(', ');
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-raised px-4 py-2.5">
      <p className="min-w-0 flex-1 basis-72 text-sm">
        {taken ? 'The form has the group’s current limits.' : 'Limits of this group were changed since its launch. They are now '}
        {!taken && <code className="font-mono text-xs break-all">{text === '' ? 'none' : text}</code>}
      </p>
      <Button
        size="sm"
        reason={taken ? 'They are in the form.' : undefined}
        onClick={() => {
          onTake(moved);
          setTaken(true);
        }}
      >
        Use these limits
      </Button>
    </div>
  );
}
