// The processes in the group itself: their pids inside and outside, what they use, and a signal for each.
'use client';
import { Skull, Zap } from 'lucide-react';
import type { Process } from '../../../server/contract/answers.ts';
import type { CallInput } from '../../../server/contract/calls.ts';
import { formatBytes, formatDuration } from '../../../server/contract/units.ts';
import { visible } from '../../../server/contract/visible.mjs';
import { useBusy } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import { Badge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Figure } from '../../ui/figure.tsx';
import { Menu } from '../../ui/menu.tsx';
import { useQuestion } from '../../ui/question.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { notify } from '../../ui/toast.tsx';
import { useAnswer } from '../use-answer.ts';

const EVERY_MS = 2000;
/** More rows would make the page slow. */
const SHOWN = 300;

type Signal = Extract<CallInput<'kill'>, { pid: number }>['signal'];

/** proc(5), the state field. */
const STATE: Record<string, string> = {
  R: 'running',
  S: 'sleeping',
  D: 'waiting for disk',
  T: 'stopped',
  t: 'traced',
  Z: 'zombie',
  X: 'dead',
  I: 'idle',
};

const COLUMNS: ReadonlyArray<{ readonly name: string; readonly title?: string; readonly className?: string; readonly hidden?: true }> = [
  { name: 'pid' },
  { name: 'inside', title: 'Its pid in the innermost pid namespace' },
  { name: 'command', className: 'w-full text-left' },
  { name: 'state', className: 'text-left' },
  { name: 'memory' },
  { name: 'CPU time' },
  { name: 'threads' },
  { name: 'uid' },
  { name: 'own namespaces', className: 'text-left' },
  { name: 'Signal', hidden: true },
];
const UNREAD = 'The rest could not be read: /proc hides them from cgdeck, which the strip at the top explains, or they have just ended.';
const cell = 'px-2 py-1.5 text-right whitespace-nowrap first:pl-0';

export function ProcessesTab({ path, reason }: { readonly path: string; readonly reason: string | undefined }) {
  const { data, error, again } = useAnswer(path, () => api.processes({ group: path, limit: SHOWN }), EVERY_MS);
  if (!data) return error ? <ErrorState problem={error} /> : <Skeleton className="h-48" />;
  if (data.processes.length === 0 && data.total > 0)
    return <EmptyState title={`0 of ${data.total} process${data.total === 1 ? '' : 'es'}`}>{UNREAD}</EmptyState>;
  if (data.processes.length === 0) {
    return (
      <EmptyState title="No process in this group">
        There may be processes in the groups below it. A launch starts one here; writing its pid to cgroup.procs moves one here.
      </EmptyState>
    );
  }
  const rows = [...data.processes].sort((a, b) => b.rssBytes - a.rssBytes || a.pid - b.pid);
  return (
    <div className={cx('relative overflow-x-auto', error && 'stale')}>
      <table className="w-full min-w-[760px] text-sm">
        <thead className="border-b border-line text-xs text-quiet">
          <tr>
            {COLUMNS.map(({ name, title, className = 'text-right', hidden = false }) => (
              <th key={name} scope="col" title={title} className={cx('px-2 py-1 font-normal whitespace-nowrap first:pl-0', className)}>
                {hidden ? <span className="sr-only">{name}</span> : name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((process) => (
            <Row key={`${process.pid} ${process.startTicks}`} process={process} reason={reason} onSent={again} />
          ))}
        </tbody>
      </table>
      {data.total > data.processes.length && (
        <p className="pt-2 text-xs text-quiet">
          The {data.processes.length} largest of {data.total}. {data.processes.length < SHOWN && UNREAD}
        </p>
      )}
    </div>
  );
}

interface RowProps {
  readonly process: Process;
  readonly reason: string | undefined;
  readonly onSent: () => void;
}

function Row({ process, reason, onSent }: RowProps) {
  const own = Object.entries(process.namespaces)
    .filter(([, namespace]) => namespace.own)
    .map(([kind]) => kind);
  return (
    <tr className="hover:bg-hover">
      <td className={cell}>{process.pid}</td>
      <td className={cx(cell, process.pidInside === process.pid && 'text-quiet')}>{process.pidInside}</td>
      <td className="max-w-0 truncate px-2 py-1.5 font-mono" title={visible(process.command)}>
        {visible(process.command === '' ? `[${process.comm}]` : process.command)}
      </td>
      <td className="px-2 py-1.5 whitespace-nowrap text-quiet">{STATE[process.state.charAt(0)] ?? process.state}</td>
      <td className={cell}>
        <Figure quantity={formatBytes(process.rssBytes)} />
      </td>
      <td className={cell}>
        <Figure quantity={formatDuration(process.cpuMs)} />
      </td>
      <td className={cell}>{process.threads}</td>
      <td className={cx(cell, 'text-quiet')}>{process.uid}</td>
      <td className="px-2 py-1.5 whitespace-nowrap">
        <span className="flex gap-1">
          {own.length === 0 ? <span className="text-quiet">none</span> : own.map((kind) => <Badge key={kind}>{kind}</Badge>)}
        </span>
      </td>
      <td className="py-0.5 text-right">
        <SignalMenu process={process} reason={reason} onSent={onSent} />
      </td>
    </tr>
  );
}

const SIGNALS: ReadonlyArray<{ readonly signal: NonNullable<Signal>; readonly does: string; readonly danger?: true }> = [
  { signal: 'SIGTERM', does: 'asks it to end' },
  { signal: 'SIGINT', does: 'interrupts it, as Ctrl-C does' },
  { signal: 'SIGHUP', does: 'most servers reload' },
  { signal: 'SIGSTOP', does: 'stops it' },
  { signal: 'SIGCONT', does: 'continues it' },
  { signal: 'SIGKILL', does: 'ends it at once', danger: true },
];

function SignalMenu({ process, reason, onSent }: RowProps) {
  const ask = useQuestion();
  const [sending, busy] = useBusy();
  const send = async (signal: NonNullable<Signal>, does: string) => {
    const gentle = signal === 'SIGCONT' || signal === 'SIGSTOP';
    const sure =
      gentle ||
      (await ask({
        title: `Send ${signal} to ${visible(process.comm)}, pid ${process.pid}?`,
        body: `${signal} ${does}. ${signal === 'SIGKILL' ? 'Unsaved work is lost.' : 'A program may handle it in its own way.'}${process.pidInside === 1 ? ' It is pid 1 of its namespace: if it ends, every process in that namespace ends too.' : ''}`,
        confirm: `Send ${signal}`,
        danger: signal === 'SIGKILL',
      }));
    if (!sure) return;
    await busy(true, async () => {
      await api.kill({ pid: process.pid, startTicks: process.startTicks, signal });
      notify({ title: `${signal} sent to ${visible(process.comm)}, pid ${process.pid}` });
      onSent();
    });
  };
  const items = SIGNALS.map(({ signal, does, danger = false }) => ({
    label: `${signal}: ${does}`,
    icon: danger && <Skull aria-hidden />,
    danger,
    reason,
    onSelect: () => void send(signal, does),
  }));
  return (
    <Menu
      trigger={<IconButton icon={Zap} label={`Signal pid ${process.pid}`} size="sm" pending={sending} reason={reason} />}
      groups={[items.filter(({ danger }) => !danger), items.filter(({ danger }) => danger)]}
    />
  );
}
