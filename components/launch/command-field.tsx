// The command line, split as a shell splits words, and the resulting argv.
'use client';
import { useId } from 'react';
import { cx } from '../ui/classes.ts';
import { inputClass } from '../ui/field.tsx';
import { splitCommand } from './argv.ts';

export interface CommandFieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly fault: string | undefined;
}

const MOST_ROWS = 8;

export function CommandField({ value, onChange, fault }: CommandFieldProps) {
  const id = useId();
  const { argv, inert } = splitCommand(value);
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        Command
      </label>
      <textarea
        id={id}
        value={value}
        rows={Math.min(MOST_ROWS, Math.max(2, value.split('\n').length))}
        spellCheck={false}
        autoComplete="off"
        aria-invalid={fault !== undefined || undefined}
        aria-describedby={`${id}-argv`}
        placeholder="cgdeck-load leak 20"
        onChange={(event) => onChange(event.target.value)}
        className={cx(inputClass, 'h-auto! resize-y py-1.5 font-mono leading-5', fault !== undefined && 'border-hard!')}
      />
      <div id={`${id}-argv`} className="min-h-5 text-xs">
        {fault !== undefined && <p className="pb-1 text-hard">{fault}</p>}
        {argv.length > 0 && (
          <ol aria-label="argv" className="flex flex-wrap gap-1">
            {argv.map((word, i) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: a word of argv is its place
                key={i}
                className="flex max-w-full items-baseline gap-1 rounded-sm border border-line bg-surface px-1.5 font-mono leading-[18px]"
              >
                <span className="text-2xs text-quiet select-none">{i}</span>
                <span className="truncate">{shownWord(word)}</span>
              </li>
            ))}
          </ol>
        )}
        {inert.length > 0 && (
          <p className="pt-1 text-quiet">
            No shell is used: <code className="font-mono text-text">{inert.join(' ')}</code> {inert.length === 1 ? 'goes' : 'go'} to the
            program as {inert.length === 1 ? 'it is' : 'they are'}. For a shell, write{' '}
            <code className="font-mono text-text">sh -c '…'</code>.
          </p>
        )}
      </div>
    </div>
  );
}

/** Invisible characters are spelled out. */
function shownWord(word: string): string {
  if (word === '') return '""';
  return word.replaceAll('\n', '⏎').replaceAll('\t', '⇥');
}
