// What the memory was, as one bar against the limit, with each kind's figure below.
import type { Charged } from '../../server/contract/reports.ts';
import { formatBytes, formatPercent, quantityText } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { PathText } from '../ui/path-text.tsx';
import { boundText } from './words.ts';

/** In the bar; slab is a part of the kernel's. */
const KINDS = [
  { kind: 'anonymous', name: 'anonymous', fill: 'bg-usage', title: 'Heap and stacks: without swap it cannot be taken back' },
  { kind: 'shmem', name: 'shared', fill: 'bg-series-1', title: 'tmpfs and shared memory: as anonymous' },
  { kind: 'file', name: 'page cache', fill: 'bg-usage-soft', title: 'Files: the kernel takes it back first' },
  { kind: 'kernel', name: 'kernel', fill: 'bg-series-3', title: 'Page tables, slab and other structures of the kernel' },
] as const;
const APART = [
  { kind: 'slab', name: 'of it slab' },
  { kind: 'swap', name: 'in swap' },
  { kind: 'reclaimable', name: 'could be reclaimed' },
] as const;

export function MemoryBar({ charged, limitBytes }: { readonly charged: Charged; readonly limitBytes: number | 'max' | undefined }) {
  const { usage, group, from } = charged;
  const whole = Math.max(typeof limitBytes === 'number' ? limitBytes : 0, usage ?? 0, ...KINDS.map(({ kind }) => charged[kind] ?? 0)) || 1;
  const share = (bytes: number) => quantityText(formatPercent((100 * bytes) / (usage || whole)));
  return (
    <div>
      <div aria-hidden className="flex h-6 overflow-hidden rounded-sm border-r-2 border-hard bg-hover">
        {KINDS.map(({ kind, fill }) => (
          <div key={kind} className={fill} style={{ width: `${(100 * (charged[kind] ?? 0)) / whole}%` }} />
        ))}
      </div>
      <div className="mt-1 flex justify-between gap-4 text-xs text-quiet">
        <span>
          used <span className="text-text">{boundText(usage)}</span>
        </span>
        <span>
          limit <span className="text-text">{boundText(limitBytes)}</span>
        </span>
      </div>
      <dl className="mt-2 grid grid-cols-[minmax(0,1fr)_auto_56px] items-baseline gap-y-1">
        {KINDS.map(
          ({ kind, name, fill, title }) =>
            charged[kind] !== undefined && (
              <div key={kind} className="contents">
                <dt className="flex items-center gap-2" title={title}>
                  <span aria-hidden className={cx('size-2.5 rounded-[2px]', fill)} />
                  {name}
                </dt>
                <dd className="contents">
                  <Figure quantity={formatBytes(charged[kind])} />
                  <span className="text-right text-sm text-quiet">{share(charged[kind])}</span>
                </dd>
              </div>
            ),
        )}
        {APART.map(
          ({ kind, name }) =>
            charged[kind] !== undefined && (
              <div key={kind} className="contents text-quiet">
                <dt className="pl-[18px]">{name}</dt>
                <dd className="contents">
                  <Figure quantity={formatBytes(charged[kind])} className="text-text" />
                  <span />
                </dd>
              </div>
            ),
        )}
      </dl>
      <p className="mt-2 flex min-w-0 gap-1 text-xs text-quiet">
        <span className="shrink-0">{from === 'kernel log' ? 'At the kill, from the kernel’s log:' : 'At the last tick before:'}</span>
        <PathText path={group} />
      </p>
    </div>
  );
}
