// What a launch has written to its layer: each path and its change, and a form to keep the layer after the end.
'use client';
import { Archive, FilePlus2, FileX2, FolderPlus, type LucideIcon } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { CallAnswer } from '../../../server/contract/calls.ts';
import { KEPT_NAME } from '../../../server/contract/launch-options.ts';
import type { Launched } from '../../../server/contract/launched.ts';
import { formatBytes, formatCount } from '../../../server/contract/units.ts';
import { visible } from '../../../server/contract/visible.mjs';
import { useAction } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import type { SeenGroup } from '../../live/seen.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { BareInput } from '../../ui/field.tsx';
import { Figure } from '../../ui/figure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { notify } from '../../ui/toast.tsx';
import { isOver } from '../launched/launch-words.ts';
import { useAnswer } from '../use-answer.ts';

const EVERY_MS = 3000;
/** More rows would make the page slow. */
const SHOWN = 500;

type File = CallAnswer<'layer'>['files'][number];

const CHANGE: Record<File['change'], { readonly word: string; readonly icon: LucideIcon }> = {
  written: { word: 'written', icon: FilePlus2 },
  removed: { word: 'removed', icon: FileX2 },
  folder: { word: 'folder', icon: FolderPlus },
};

export interface LayerTabProps {
  readonly group: SeenGroup;
  readonly launched: Launched;
  readonly reason: string | undefined;
}

export function LayerTab({ group: { path, inode }, launched, reason }: LayerTabProps) {
  const { data, error } = useAnswer(path, () => api.layer({ group: path }), EVERY_MS);
  const [search, setSearch] = useState('');
  if (!data) return error ? <ErrorState problem={error} /> : <Skeleton className="h-64" />;
  const { figure, unit } = formatBytes(data.bytes);
  const count = formatCount(data.count);
  const found = data.files.filter(({ path: file }) => file.includes(search.trim()));
  const from = launched.request?.overlay?.layer;
  return (
    <div className={cx('flex flex-col gap-3', error && 'stale')}>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <p className="min-w-0 flex-1 basis-64 text-sm text-quiet">
          <span className="text-text">
            {data.count === 1 ? '1 entry' : `${count.figure}${count.unit === '' ? '' : ` ${count.unit}`} entries`}, {figure} {unit}
          </span>{' '}
          over {launched.request?.rootfs ?? 'the host’s root'}
          {from === undefined ? '' : `, begun with the kept layer ${from}`}. It is removed with the group unless it is kept.
        </p>
        <Keep
          path={path}
          inode={inode}
          reason={reason ?? (isOver(launched) ? undefined : 'It can be kept once the launch has ended, since it changes until then.')}
        />
      </div>
      {data.count === 0 ? (
        <EmptyState title="Nothing written yet">
          What the program writes to its root appears here; the root itself does not change.
        </EmptyState>
      ) : (
        <>
          <BareInput
            type="search"
            label="Find a path"
            placeholder="Find a path"
            value={search}
            onChange={setSearch}
            className="max-w-72 font-mono"
          />
          <ul aria-label="Layer" className="divide-y divide-line border-y border-line text-sm">
            {found.slice(0, SHOWN).map((file) => (
              <Row key={file.path} file={file} />
            ))}
            {found.length === 0 && <li className="py-4 text-center text-quiet">No path matches.</li>}
          </ul>
          {(found.length > SHOWN || data.files.length < data.count) && (
            <p className="text-xs text-quiet">
              The first {Math.min(SHOWN, found.length)} of {search.trim() === '' ? data.count : found.length}.
            </p>
          )}
        </>
      )}
      {error && <p className="text-xs text-hard">{error.detail}</p>}
    </div>
  );
}

function Row({ file: { path, change, bytes } }: { readonly file: File }) {
  const { word, icon: Icon } = CHANGE[change];
  return (
    <li className="grid grid-cols-[16px_64px_minmax(0,1fr)_auto] items-center gap-x-2 py-1">
      <Icon aria-hidden className={cx('size-4', change === 'removed' ? 'text-text' : 'text-quiet')} strokeWidth={1.6} />
      <span className="text-xs text-quiet">{word}</span>
      <span className={cx('truncate font-mono', change === 'removed' && 'line-through decoration-quiet')} title={visible(path)}>
        {visible(path)}
      </span>
      {change === 'written' ? <Figure quantity={formatBytes(bytes)} /> : <span />}
    </li>
  );
}

function Keep({ path, inode, reason }: { readonly path: string; readonly inode: number; readonly reason: string | undefined }) {
  const [name, setName] = useState(path.slice(path.lastIndexOf('/') + 1));
  const { pending, answer, problem, run, clear } = useAction<string>();
  const fault = KEPT_NAME.test(name) ? undefined : 'Letters, digits, dots, dashes and underscores; a letter or digit first.';
  const faulty = fault !== undefined || problem !== undefined;
  const keep = (event: FormEvent) => {
    event.preventDefault();
    if (reason !== undefined || fault !== undefined || pending) return;
    void run(async () => {
      const kept = await api.keepLayer({ group: path, inode, name });
      notify({ title: `Kept as ${kept.name}`, detail: 'To continue from it, choose it in a launch under Files.' });
      return `Kept as ${kept.name}.`;
    });
  };
  return (
    <form noValidate onSubmit={keep} className="max-sm:w-full">
      <div className="flex items-center gap-2">
        <BareInput
          label="Name of the layer"
          aria-describedby="keep-status"
          aria-invalid={faulty || undefined}
          value={name}
          onChange={(next) => {
            setName(next);
            clear();
          }}
          className={cx('w-44! font-mono max-sm:flex-1', faulty && 'border-hard!')}
        />
        <Button icon={Archive} type="submit" pending={pending} reason={reason ?? fault}>
          Keep
        </Button>
      </div>
      <Answered
        id="keep-status"
        of={problem ?? answer ?? fault}
        className={cx('mt-1 min-h-4 max-w-72 text-xs', faulty ? 'text-hard' : 'text-quiet')}
      >
        {problem?.detail ?? answer ?? fault ?? reason}
      </Answered>
    </form>
  );
}
