// Environment variables and the working directory; what is there without them is said.
'use client';
import { Plus, X } from 'lucide-react';
import { Button, IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { inputClass, TextField } from '../ui/field.tsx';
import type { Variable } from './launch-form.ts';
import type { PartProps } from './part.tsx';
import { Section } from './section.tsx';
import { aroundSummary } from './summaries.ts';

const MOST_ROWS = 6;

export function AroundSection({ form, faults, onChange }: PartProps) {
  const { env } = form;
  const set = (at: number, change: Partial<Variable>) =>
    onChange({ env: env.map((variable, i) => (i === at ? { ...variable, ...change } : variable)) });
  return (
    <Section
      title="Environment"
      summary={aroundSummary(form)}
      openAtFirst={form.env.length > 0 || form.cwd !== ''}
      faults={faults}
      fields={['env', 'cwd']}
    >
      <TextField label="Working directory" mono value={form.cwd} placeholder="/" fault={faults.cwd} onChange={(cwd) => onChange({ cwd })} />
      <div>
        <p className="pb-1 text-sm font-medium">Environment</p>
        {env.map(({ name, value }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a variable that is being typed is its place
          <div key={i} className="mb-1.5 flex items-start gap-1">
            <input
              aria-label={`Variable ${i + 1}`}
              value={name}
              spellCheck={false}
              placeholder="NAME"
              onChange={(event) => set(i, { name: event.target.value })}
              className={cx(inputClass, 'w-2/5! font-mono')}
            />
            <span className="leading-8 text-quiet">=</span>
            {/* An input would lose what lies behind a newline. */}
            <textarea
              aria-label={`Value ${i + 1}`}
              value={value}
              rows={Math.min(MOST_ROWS, value.split('\n').length)}
              spellCheck={false}
              placeholder="value"
              onChange={(event) => set(i, { value: event.target.value })}
              className={cx(inputClass, 'h-auto! min-h-8 resize-none py-[5px] font-mono max-sm:min-h-10')}
            />
            <IconButton label={`Remove variable ${i + 1}`} onClick={() => onChange({ env: env.filter((_, other) => other !== i) })}>
              <X aria-hidden />
            </IconButton>
          </div>
        ))}
        {faults.env !== undefined && (
          <p role="alert" className="pb-1 text-xs text-hard">
            {faults.env}
          </p>
        )}
        <Button size="sm" onClick={() => onChange({ env: [...env, { name: '', value: '' }] })}>
          <Plus aria-hidden />
          Variable
        </Button>
        <p className="pt-1.5 text-xs text-quiet">
          PATH (with cgdeck-load on it), HOME=/ and LANG are set, TERM too with a terminal; nothing of cgdeck’s own environment is passed
          on.
        </p>
      </div>
    </Section>
  );
}
