// What the launched process sees of the machine: each namespace, whether it is its own, and what that isolates.
'use client';
import type { Launched } from '../../../server/contract/launch.ts';
import { namespaceHelp, namespaceKinds } from '../../../server/contract/launch.ts';
import { api } from '../../live/api.ts';
import { Badge } from '../../ui/badge.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useAnswer } from '../use-answer.ts';

const EVERY_MS = 5000;

export function NamespacesTab({ path, launched }: { readonly path: string; readonly launched: Launched | undefined }) {
  const { data, error } = useAnswer(path, () => api.processes(path), EVERY_MS);
  if (!data) return error ? <ErrorState problem={error} /> : <Skeleton className="h-48" />;
  const process = data.processes.find(({ pid }) => pid === launched?.pid) ?? data.processes[0];
  if (!process) {
    return (
      <EmptyState title="No process, no namespaces">Namespaces live as long as a process is in them. This group has none now.</EmptyState>
    );
  }
  return (
    <div>
      <p className="pb-2 text-sm text-quiet">
        Of <code className="font-mono text-text">{process.comm}</code>, pid {process.pid}
        {process.pidInside !== process.pid && `, which is pid ${process.pidInside} inside`}.
      </p>
      <ul className="divide-y divide-line">
        {namespaceKinds.map((kind) => {
          const namespace = process.namespaces[kind];
          return (
            <li
              key={kind}
              className="grid grid-cols-[72px_minmax(0,1fr)_auto] items-center gap-x-4 py-2 text-sm sm:grid-cols-[72px_72px_minmax(0,1fr)_auto]"
            >
              <code className="font-mono font-medium">{kind}</code>
              <span className="max-sm:hidden">
                {namespace?.own ? <Badge tone="text">its own</Badge> : <span className="text-quiet">the host’s</span>}
              </span>
              <span className="text-quiet">{namespace?.own ? namespaceHelp[kind] : `Shared with the host.`}</span>
              <code className="font-mono text-xs text-quiet">{namespace ? `${kind}:[${namespace.id}]` : '–'}</code>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
