// One control file as a field: the current value, what was asked, and what the kernel set. Enter applies, Esc cancels.
'use client';
import { useId, useState } from 'react';
import type { WriteAnswer } from '../../../server/contract/answers.ts';
import type { ReadingValue } from '../../../server/contract/readings.ts';
import { durationText } from '../../../server/contract/units.ts';
import { useAction } from '../../frame/use-action.ts';
import type { SeenGroup } from '../../live/seen.ts';
import { Button } from '../../ui/button.tsx';
import { useQuestion } from '../../ui/question.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { ValueInput } from '../value-input.tsx';
import { writeAsking } from '../write-asking.ts';
import { FieldHead } from './field-head.tsx';
import { useHeld } from './use-held.ts';

export type Parsed = { readonly value: string } | { readonly fault: string };

export interface LimitFieldProps {
  readonly group: SeenGroup;
  readonly file: string;
  readonly label: string;
  /** Undefined where the group has no such file. */
  readonly reading: ReadingValue | undefined;
  /** Time of the reading; after a write, readings count again from the second frame on. */
  readonly atMs: number;
  readonly reason: string | undefined;
  /** Its key. */
  readonly reads: string;
  /** A kernel value as typed. */
  readonly toInput: (value: ReadingValue) => string;
  readonly parse: (input: string) => Parsed;
  /** The reading in the file’s text, where that has more than the field shows. */
  readonly ofText?: (text: string) => string;
  /** What an empty value means; a dash if not given. */
  readonly placeholder?: string;
  /** Quiet words after the value: a unit. */
  readonly unit?: string;
  /** One line below, while there is nothing else to show. */
  readonly hint: string;
  /** Why the value has no or less effect; always shown. */
  readonly caution?: string | undefined;
  /** Why the group has no such file. */
  readonly absent?: string | undefined;
}

export function LimitField(props: LimitFieldProps) {
  const { group, file, label, reading, reads, atMs, reason, toInput, parse, ofText = String, unit, hint } = props;
  const id = useId();
  const ask = useQuestion();
  const [draft, setDraft] = useState<string>();
  /** What was shown when the draft was begun. */
  const [over, setOver] = useState<ReadingValue>();
  const { pending, answer, problem, run, clear } = useAction<WriteAnswer | undefined>();
  const { of, answered } = useHeld({ [reads]: reading }, atMs);
  const held = of(reads);
  const shown = draft ?? (held === undefined ? '' : toInput(held));
  const parsed = draft === undefined ? undefined : parse(draft);
  const fault = parsed && 'fault' in parsed && draft?.trim() !== '' ? parsed.fault : undefined;

  const write = async (value: string, replaces?: string) => {
    clear();
    await run(async () => {
      const written = await writeAsking({ group, file, value, replaces }, ask);
      if (!written) return undefined;
      answered(reads, ofText(written.new.trim()));
      return written;
    });
    setDraft(undefined);
  };
  const enter = () => {
    if (parsed && 'value' in parsed && !pending) void write(parsed.value, over === undefined ? undefined : String(over));
  };
  const change = (text: string) => {
    if (draft === undefined) setOver(held);
    setDraft(text);
  };
  const off = reading === undefined ? (props.absent ?? 'This group has no such control file.') : reason;
  return (
    <div className="min-w-0">
      <FieldHead file={file}>
        <label htmlFor={id}>{label}</label>
      </FieldHead>
      <ValueInput
        id={id}
        aria-describedby={`${id}-status`}
        className="mt-1"
        value={shown}
        placeholder={props.placeholder ?? '–'}
        unit={unit}
        faulty={fault !== undefined}
        pending={pending}
        reason={off}
        onChange={change}
        onEnter={enter}
        onLeave={() => setDraft(undefined)}
      />
      <Answered id={`${id}-status`} of={fault ?? (draft === undefined ? (problem ?? answer) : undefined)} className="mt-1 min-h-4 text-xs">
        {fault !== undefined || (draft === undefined && problem) ? (
          <span className="text-hard">{fault ?? `■ ${problem?.detail}`}</span>
        ) : draft === undefined && answer ? (
          <Result answer={answer} undo={write} words={(text) => toInput(numberOr(ofText(text)))} />
        ) : (
          <span className="text-quiet">{draft === undefined ? hint : 'Enter applies it, Esc cancels.'}</span>
        )}
        {props.caution !== undefined && <span className="block text-pressure-critical">▲ {props.caution}</span>}
      </Answered>
    </div>
  );
}

interface ResultProps {
  readonly answer: WriteAnswer;
  readonly undo: (value: string, replaces: string) => Promise<void>;
  /** A file's text as the field shows it. */
  readonly words: (text: string) => string;
}

function numberOr(text: string): ReadingValue {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function Result({ answer: { asked, new: set, old, tookMs, note }, undo, words }: ResultProps) {
  return (
    <span className="flex flex-wrap items-center gap-x-1">
      <span className="text-quiet">asked</span> {words(asked.trim())} <span className="text-quiet">→ kernel set</span>{' '}
      <strong className="font-semibold">{words(set.trim())}</strong>
      <span className="text-quiet">{durationText(tookMs)}</span>
      {note !== undefined && <span className="text-pressure-critical">▲ {note}</span>}
      {old.trim() !== set.trim() && (
        <Button size="sm" variant="quiet" className="h-4! px-1!" once onClick={() => void undo(old.trim(), set)}>
          Undo
        </Button>
      )}
    </span>
  );
}
