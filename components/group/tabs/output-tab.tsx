// The output of the launched program and of those that joined it: stdout and stderr, with times, following the end.
'use client';
import { useMemo, useRef, useState } from 'react';
import type { GroupView } from '../../../server/contract/answers.ts';
import type { Launched } from '../../../server/contract/launched.ts';
import { formatBytes, shortText } from '../../../server/contract/units.ts';
import { visible } from '../../../server/contract/visible.mjs';
import { useRemembered } from '../../frame/use-remembered.ts';
import { api, outputHref } from '../../live/api.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { notify } from '../../ui/toast.tsx';
import { copiedWords, findLines } from '../output/find.ts';
import { FindField } from '../output/find-field.tsx';
import { followed, type Output } from '../output/followed.ts';
import { isShown, linesOf, type Shown, textOf } from '../output/lines.ts';
import { OutputBar } from '../output/output-bar.tsx';
import { OutputLines } from '../output/output-lines.tsx';
import { useAnswer } from '../use-answer.ts';

const EVERY_MS = 1000;
const EVERY_AFTER_END_MS = 10_000;

export interface OutputTabProps {
  readonly path: string;
  readonly view: GroupView | undefined;
  /** The program, as in the URL. */
  readonly id: string | null;
  readonly onId: (id: string) => void;
}

export function OutputTab({ path, view, id, onId }: OutputTabProps) {
  if (!view?.launched) {
    return (
      <EmptyState title="No output to show">
        cgdeck keeps the output of processes that it launched. The processes of this group were started by another program.
      </EmptyState>
    );
  }
  const programs = [view.launched, ...(view.joined ?? [])];
  const chosen = programs.find((program) => program.id === id) ?? view.launched;
  return (
    <div>
      {programs.length > 1 && (
        <div className="pb-2">
          <Select
            label="Program"
            options={programs.map((program) => ({ value: program.id, label: programLabel(program) }))}
            value={chosen.id}
            onChange={onId}
            className="max-w-full"
          />
        </div>
      )}
      <OutputOf key={`${path}:${chosen.id}`} path={path} launched={chosen} />
    </div>
  );
}

function programLabel({ id, argv, exit }: Launched): string {
  const command = visible(argv.join(' '));
  return `${id === 'main' ? 'Launched' : id}: ${command.length > 60 ? `${command.slice(0, 59)}…` : command}${exit ? ' (ended)' : ''}`;
}

function OutputOf({ path, launched }: { readonly path: string; readonly launched: Launched }) {
  const ended = launched.exit !== undefined && launched.restarts.nextAt === undefined;
  const { data: kept, error } = useOutput(path, launched.id, ended ? EVERY_AFTER_END_MS : EVERY_MS);
  const [times, setTimes] = useRemembered('cgdeck-output-times', ['off', 'on'], 'off');
  const [shown, setShown] = useState<Shown>('all');
  const [following, setFollowing] = useState(true);
  const lines = useMemo(() => linesOf(kept?.chunks ?? []), [kept]);
  const filtered = useMemo(() => (shown === 'all' ? lines : lines.filter(({ stream }) => isShown(stream, shown))), [lines, shown]);
  const [wanted, setWanted] = useState('');
  const [at, setAt] = useState<number>();
  const field = useRef<HTMLInputElement>(null);
  const found = useMemo(() => findLines(filtered, wanted), [filtered, wanted]);
  if (!kept) return error ? <ErrorState problem={error} /> : <Skeleton className="h-[452px]" />;
  return (
    <div className="flex flex-col gap-2">
      <OutputBar
        tty={kept.tty}
        shown={shown}
        onShown={setShown}
        times={times === 'on'}
        onTimes={(on) => setTimes(on ? 'on' : 'off')}
        following={following}
        onFollowing={setFollowing}
        text={() => textOf(kept.chunks, shown)}
        href={outputHref({ group: path, id: launched.id, stream: shown })}
      >
        <FindField
          field={field}
          wanted={wanted}
          onWanted={(next) => {
            setWanted(next);
            setAt(undefined);
          }}
          found={found}
          at={at}
          onAt={setAt}
        />
      </OutputBar>
      <OutputLines
        lines={filtered}
        times={times === 'on'}
        following={following}
        onFollowing={setFollowing}
        wanted={wanted}
        at={at}
        onFind={() => field.current?.focus()}
        onCopyAll={(clipboard) => {
          clipboard.setData('text/plain', textOf(kept.chunks, shown));
          notify({ title: copiedWords(kept) });
        }}
        empty={lines.length === 0 ? (ended ? 'No output.' : 'No output yet.') : `Nothing on ${shown === 'err' ? 'stderr' : 'stdout'}.`}
      />
      <p className="min-h-4 text-xs text-quiet">
        {keptWords(kept)}
        {kept.tty && ' Terminal output as plain text; the Terminal tab shows it as a screen.'}
        {error && <span className="text-hard"> {error.detail}</span>}
      </p>
    </div>
  );
}

/** Reads what is new since the last answer, and adds it to what is known. */
function useOutput(path: string, id: string, everyMs: number) {
  const known = useRef<Output>(undefined);
  return useAnswer(
    `${path}:${id}`,
    async () => {
      known.current = followed(known.current, await api.output({ group: path, id, after: known.current?.next }));
      return known.current;
    },
    everyMs,
  );
}

function keptWords({ bytes, keptBytes, overwritten }: Output): string {
  const size = (count: number) => shortText(formatBytes(count));
  if (keptBytes === 0 && bytes === 0) return '';
  const all = bytes >= keptBytes ? size(bytes) : `The last ${size(bytes)} of ${size(keptBytes)} kept`;
  return overwritten ? `${all}; it wrote more than is kept.` : `${all}.`;
}
