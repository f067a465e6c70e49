// One control file: its name, its purpose, its text, and a field to write it.
'use client';
import { Pencil, Zap } from 'lucide-react';
import { useState } from 'react';
import type { WriteAnswer } from '../../../server/contract/answers.ts';
import type { ControlFile } from '../../../server/contract/control-files.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import { formatBytes, formatCount, formatDuration } from '../../../server/contract/units.ts';
import { visible } from '../../../server/contract/visible.mjs';
import { problemOf } from '../../live/api.ts';
import { aboutGroups, type SeenGroup } from '../../live/seen.ts';
import { live } from '../../live/store.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { inputClass } from '../../ui/field.tsx';
import { useQuestion } from '../../ui/question.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { killsBefore } from '../would-kill.ts';
import { writeAsking } from '../write-asking.ts';
import { type FileAnswer, kindWords, seenOf } from './group-files.ts';

export interface FileRowProps {
  readonly group: SeenGroup;
  readonly file: ControlFile;
  /** Whether files of both versions are in the list. */
  readonly mixed: boolean;
  /** Whether the unified tree has a file of this name too. */
  readonly twice: boolean;
  readonly answer: FileAnswer | undefined;
  readonly reason: string | undefined;
  readonly onWritten: () => void;
}

type Outcome = { readonly answer: WriteAnswer } | { readonly problem: Problem };

export function FileRow({ group, file, mixed, twice, answer, reason, onWritten }: FileRowProps) {
  const ask = useQuestion();
  const [draft, setDraft] = useState<string>();
  /** The text that was shown when the draft was begun. */
  const [over, setOver] = useState<string>();
  const [pending, setPending] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const known = file.controller !== 'other';
  const trigger = file.kind === 'trigger' || file.access === 'write';
  const raw = answer && 'view' in answer ? visible(answer.view.raw, '\n\t') : undefined;
  const write = async () => {
    if (draft === undefined || pending) return;
    const wanted = { group, file: file.name, value: draft, replaces: over };
    const question = trigger
      ? { title: `Write “${draft}” to ${file.name}?`, body: file.help, confirm: 'Write' }
      : killsBefore(wanted, live.groups.readingsOf(group.path) ?? {});
    if (question && !(await ask({ ...question, about: aboutGroups([group]) }))) return;
    setPending(true);
    try {
      const written = await writeAsking(wanted, ask, question !== undefined && !trigger);
      if (written) {
        setOutcome({ answer: written });
        setDraft(undefined);
        onWritten();
      }
    } catch (error) {
      setOutcome({ problem: problemOf(error) });
    }
    setPending(false);
  };
  const edit = () => {
    setOutcome(undefined);
    setOver(answer && 'view' in answer ? seenOf(file, answer.view) : undefined);
    setDraft(trigger ? '' : (raw ?? ''));
  };
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_28px] gap-x-4 gap-y-1 py-2 text-sm @min-[720px]:grid-cols-[minmax(0,5fr)_minmax(0,3fr)_28px]">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <code className="font-mono font-medium break-all">{file.name}</code>
          {mixed && <Badge>v{file.version}</Badge>}
          <span className="text-xs text-quiet">{kindWords(file)}</span>
          {file.deprecated !== undefined && <Badge tone="pressure">deprecated</Badge>}
        </p>
        <p className="mt-0.5 text-quiet">{file.help}</p>
        {file.deprecated !== undefined && <p className="text-xs text-quiet">{file.deprecated}</p>}
        {answer && 'view' in answer && answer.view.cut && <p className="text-xs text-quiet">Only its first 64 KiB are shown.</p>}
        <Elsewhere file={file} twice={twice} />
        {draft !== undefined && file.refuses !== undefined && <p className="mt-1 text-xs">{file.refuses}</p>}
        {outcome && <Result outcome={outcome} />}
      </div>
      <div className="col-start-1 min-w-0 @min-[720px]:col-start-2">
        {draft === undefined ? (
          <Value file={file} answer={answer} raw={raw} />
        ) : (
          <form
            className="flex gap-1"
            onSubmit={(event) => {
              event.preventDefault();
              void write();
            }}
            onKeyDown={(event) => event.key === 'Escape' && setDraft(undefined)}
          >
            <input
              // biome-ignore lint/a11y/noAutofocus: the field opens on a press of its button
              autoFocus
              aria-label={`Write to ${file.name}`}
              value={draft}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setDraft(event.target.value)}
              className={cx(inputClass, 'font-mono', pending && 'pending')}
            />
            <Button type="submit" pending={pending}>
              Write
            </Button>
            <Button variant="quiet" onClick={() => setDraft(undefined)}>
              Cancel
            </Button>
          </form>
        )}
      </div>
      <div className="col-start-2 row-start-1 @min-[720px]:col-start-3">
        {known && file.access !== 'read' && draft === undefined && (
          <IconButton label={trigger ? `Trigger ${file.name}` : `Write ${file.name}`} size="sm" reason={reason} onClick={edit}>
            {trigger ? <Zap aria-hidden /> : <Pencil aria-hidden />}
          </IconButton>
        )}
      </div>
    </li>
  );
}

/** The file’s name in the other version and how the two differ; the kernels that have it; whether there are two of its name. */
function Elsewhere({ file, twice }: { readonly file: ControlFile; readonly twice: boolean }) {
  const { since, counterparts = [], version } = file;
  return (
    <div className="mt-0.5 text-xs text-quiet">
      {counterparts.map(({ name, differs }) => (
        <p key={name}>
          On v{version === 1 ? 2 : 1}: <span className="font-mono">{name}</span>
          {differs === undefined ? ', the same.' : `. ${differs}`}
        </p>
      ))}
      {since !== undefined && <p>{since}</p>}
      {twice && <p>The unified tree has a file of this name too. This is v1’s.</p>}
    </div>
  );
}

/** Longer texts scroll inside their row. */
const LINES_SHOWN = 6;

function Value({
  file,
  answer,
  raw,
}: {
  readonly file: ControlFile;
  readonly answer: FileAnswer | undefined;
  readonly raw: string | undefined;
}) {
  if (file.access === 'write') return <span className="text-quiet">write only</span>;
  if (!answer) return <Skeleton className="h-4 w-24" />;
  if ('problem' in answer) return <span className="text-xs text-quiet">{answer.problem.detail}</span>;
  if (raw === undefined || raw === '') return <span className="text-quiet">empty</span>;
  const lines = raw.split('\n').length;
  if (lines > 1) {
    return (
      <pre tabIndex={lines > LINES_SHOWN ? 0 : -1} className="max-h-[108px] overflow-auto font-mono text-xs leading-[18px] whitespace-pre">
        {raw}
      </pre>
    );
  }
  const words = inWords(file, answer.view.value);
  return (
    <span>
      <code className="font-mono break-all">{raw}</code>
      {words !== undefined && <span className="text-quiet"> {words}</span>}
    </span>
  );
}

/** The value with its unit, where the kernel’s digits lack one. */
function inWords({ unit }: ControlFile, value: number | string | undefined): string | undefined {
  if (value === 'max') return 'no limit';
  if (typeof value !== 'number') return undefined;
  const text = ({ figure, unit: of }: { figure: string; unit: string }) => `${figure} ${of}`;
  switch (unit) {
    case 'bytes':
      return value >= 1024 ? text(formatBytes(value)) : undefined;
    case 'nsec':
      return value > 0 ? text(formatDuration(value / 1e6)) : undefined;
    case 'usec':
      return value > 0 ? text(formatDuration(value / 1e3)) : undefined;
    case 'count':
      return value >= 10_000 ? text(formatCount(value)) : undefined;
    default:
      return undefined;
  }
}

function Result({ outcome }: { readonly outcome: Outcome }) {
  if ('problem' in outcome)
    return (
      <p role="alert" className="mt-1 text-xs text-hard">
        ■ {outcome.problem.detail}
      </p>
    );
  const { asked, new: now, tookMs, note } = outcome.answer;
  const { figure, unit } = formatDuration(tookMs);
  return (
    <Answered role="status" of={outcome} className="mt-1 text-xs">
      <span className="text-quiet">asked</span> <code className="font-mono">{asked.trim()}</code>{' '}
      <span className="text-quiet">→ kernel set</span> <code className="font-mono">{now.trim()}</code>{' '}
      <span className="text-quiet">
        {figure} {unit}
      </span>
      {note !== undefined && <span className="block text-pressure-critical">▲ {note}</span>}
    </Answered>
  );
}
