// Environment variables and the working directory.
'use client';
import { cx } from '../ui/classes.ts';
import { BareInput, inputClass } from '../ui/field.tsx';
import { FormText, type PartProps } from './part.tsx';
import { Rows } from './rows.tsx';
import { Section } from './section.tsx';
import { aroundSummary } from './summaries.ts';

const MOST_ROWS = 6;

export function AroundSection(part: PartProps) {
  const { form, faults, onChange } = part;
  return (
    <Section
      title="Environment"
      summary={aroundSummary(form)}
      openAtFirst={form.env.length > 0 || form.cwd !== ''}
      faults={faults}
      fields={['env', 'cwd']}
    >
      <FormText {...part} field="cwd" label="Working directory" placeholder="/" />
      <div>
        <Rows
          title="Environment"
          rows={form.env}
          onChange={(env) => onChange({ env })}
          fault={faults.env}
          rowClass="flex items-start gap-1"
          removeLabel={(_, i) => `Remove variable ${i + 1}`}
          add="Variable"
          next={{ name: '', value: '' }}
        >
          {({ name, value }, change, i) => (
            <>
              <BareInput
                label={`Variable ${i + 1}`}
                value={name}
                placeholder="NAME"
                onChange={(next) => change({ name: next })}
                mono
                className="w-2/5!"
              />
              <span className="leading-8 text-quiet">=</span>
              {/* An input would lose everything after a newline. */}
              <textarea
                aria-label={`Value ${i + 1}`}
                value={value}
                rows={Math.min(MOST_ROWS, value.split('\n').length)}
                spellCheck={false}
                placeholder="value"
                onChange={(event) => change({ value: event.target.value })}
                className={cx(inputClass, 'h-auto! min-h-8 resize-none py-[5px] font-mono max-sm:min-h-10')}
              />
            </>
          )}
        </Rows>
        <p className="pt-1.5 text-xs text-quiet">
          Always set: PATH (with cgdeck-load), HOME=/ and LANG, with a terminal also TERM. cgdeck’s own environment is not passed on.
        </p>
      </div>
    </Section>
  );
}
