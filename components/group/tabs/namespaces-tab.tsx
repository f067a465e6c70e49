// The namespaces of the group’s processes: each kind with its id, its processes, and who else shares it.
'use client';
import Link from 'next/link';
import type { NamespaceView } from '../../../server/contract/answers.ts';
import { type NamespaceKind, namespaceHelp, namespaceKinds } from '../../../server/contract/launch-options.ts';
import { countText } from '../../../server/contract/units.ts';
import { visible } from '../../../server/contract/visible.mjs';
import { groupHref } from '../../frame/links.ts';
import { api } from '../../live/api.ts';
import { Badge } from '../../ui/badge.tsx';
import { cx } from '../../ui/classes.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useAnswer } from '../use-answer.ts';

const EVERY_MS = 5000;
/** Of more pids than this only the number is shown. */
const PIDS_SHOWN = 8;

function kindOf(kind: string): NamespaceKind | undefined {
  return namespaceKinds.find((known) => known === kind);
}

/** In the order of the launch form; unknown kinds last. */
function inOrder(a: NamespaceView, b: NamespaceView): number {
  const place = ({ kind }: NamespaceView) => {
    const known = kindOf(kind);
    return known === undefined ? namespaceKinds.length : namespaceKinds.indexOf(known);
  };
  return place(a) - place(b) || b.pidsCount - a.pidsCount || a.id - b.id;
}

export function NamespacesTab({ path }: { readonly path: string }) {
  const { data, error } = useAnswer(path, () => api.namespaces({ group: path }), EVERY_MS);
  if (!data) return error ? <ErrorState problem={error} /> : <Skeleton className="h-[420px]" />;
  if (data.namespaces.length === 0) {
    return <EmptyState title="No namespaces">A namespace exists while a process is in it. This group has no process now.</EmptyState>;
  }
  return (
    <div className={cx('relative overflow-x-auto', error && 'stale')}>
      <table className="w-full text-sm max-sm:block">
        <thead className="border-b border-line text-left text-xs text-quiet max-sm:sr-only">
          <tr>
            {['kind', 'namespace', 'processes of this group in it', 'shared with'].map((name) => (
              <th key={name} scope="col" className="py-1 pr-6 font-normal whitespace-nowrap">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line max-sm:block">
          {[...data.namespaces].sort(inOrder).map((namespace) => (
            <Row key={`${namespace.kind}:${namespace.id}`} namespace={namespace} />
          ))}
        </tbody>
      </table>
      {error && <p className="pt-2 text-xs text-hard">{error.detail}</p>}
    </div>
  );
}

function Row({ namespace }: { readonly namespace: NamespaceView }) {
  const { kind, id, own, pids, pidsCount } = namespace;
  const known = kindOf(kind);
  return (
    <tr className="align-top max-sm:flex max-sm:flex-col max-sm:gap-1 max-sm:py-2.5">
      <th scope="row" className="py-2 pr-6 text-left font-normal max-sm:p-0">
        <code className="font-mono font-medium">{kind}</code>
        {known && <span className="block max-w-72 text-xs text-quiet">{own ? namespaceHelp[known] : 'The same as on the host.'}</span>}
      </th>
      <td className="py-2 pr-6 whitespace-nowrap max-sm:p-0">
        {own ? <Badge tone="text">its own</Badge> : <span className="text-quiet">the host’s</span>}{' '}
        <code className="ml-1 font-mono text-xs text-quiet">
          {kind}:[{id}]
        </code>
      </td>
      <td className="py-2 pr-6 max-sm:p-0">
        {pidsCount}
        <span className="sm:hidden"> of this group</span>
        <span className="ml-2 font-mono text-xs text-quiet">
          {pids.slice(0, PIDS_SHOWN).join(' ')}
          {pidsCount > PIDS_SHOWN && ' …'}
        </span>
      </td>
      <td className="py-2 max-sm:p-0">
        <span className="text-quiet sm:hidden">shared with </span>
        <Sharers namespace={namespace} />
      </td>
    </tr>
  );
}

/** Who else is in it, by group: a namespace of the host is shared with all, which needs no list. */
function Sharers({ namespace: { own, others, othersCount } }: { readonly namespace: NamespaceView }) {
  if (othersCount === 0) return <span className="text-quiet">no other process</span>;
  const count = countText(othersCount, 'other process', 'other processes');
  if (!own) return <span className="text-quiet">the host, {count}</span>;
  const groups = [...new Set(others.map(({ group }) => group))];
  return (
    <div className="max-sm:inline">
      {count}
      <ul className="mt-0.5 flex flex-col gap-0.5 text-xs">
        {groups.map((group) => (
          <li key={group} className="min-w-0">
            <Link href={groupHref(group, 'namespaces')} className="font-mono break-all underline underline-offset-2 hover:text-text">
              {group}
            </Link>{' '}
            <span className="text-quiet">
              {others
                .filter((other) => other.group === group)
                .map(({ comm, pid }) => `${visible(comm)} ${pid}`)
                .join(', ')}
            </span>
          </li>
        ))}
        {others.length < othersCount && <li className="text-quiet">and {othersCount - others.length} more</li>}
      </ul>
    </div>
  );
}
