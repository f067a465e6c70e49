// The tables of a report: victims, limits, and the processes that the kernel listed.
'use client';
import Link from 'next/link';
import { type ReactNode, useState } from 'react';
import type { KernelBlock, Report, ReportVictim } from '../../server/contract/reports.ts';
import { formatBytes, shortDuration } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { groupHref } from '../frame/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { boundText } from './words.ts';

interface Column {
  readonly name: string;
  readonly left?: true;
  readonly title?: string;
}

const PLAIN = 'px-2 py-1 whitespace-nowrap';
const CELL = `${PLAIN} text-right`;
/** Takes what the others leave, and is cut. */
const TEXT = `${PLAIN} w-full max-w-0 text-left`;
const SHOWN = 12;

function Table({
  label,
  columns,
  wide = false,
  children,
}: {
  readonly label: string;
  readonly columns: readonly Column[];
  /** With many columns: scrolls on a phone. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className="-mx-2 overflow-x-auto">
      <table className={cx('w-full text-sm', wide && 'min-w-[560px]')}>
        <thead className="text-xs text-quiet">
          <tr className="border-b border-line">
            {columns.map(({ name, left, title }) => (
              <th key={name} scope="col" title={title} className={cx(PLAIN, 'font-normal', left ? 'text-left' : 'text-right')}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

const VICTIM = [
  { name: 'pid', left: true },
  { name: 'process', left: true },
  { name: 'memory' },
  { name: 'uid' },
  { name: 'oom_score_adj', title: 'From −1000, never killed, to 1000, killed first' },
  { name: 'ran for' },
] as const;

export function VictimTable({ victims }: { readonly victims: readonly ReportVictim[] }) {
  return (
    <Table label="Victims" columns={VICTIM} wide>
      {victims.map(({ pid, comm, command, rssBytes, uid, oomScoreAdj, ageMs }) => (
        <tr key={pid} className="border-b border-line/60 last:border-0">
          <td className={PLAIN}>{pid}</td>
          <td className={cx(TEXT, 'font-mono text-xs')}>
            <Command comm={comm} command={command} />
          </td>
          <td className={CELL}>
            <Figure quantity={rssBytes === undefined ? undefined : formatBytes(rssBytes)} />
          </td>
          <td className={CELL}>{uid ?? '–'}</td>
          <td className={CELL}>{oomScoreAdj ?? '–'}</td>
          <td className={CELL}>{ageMs === undefined ? '–' : shortDuration(ageMs)}</td>
        </tr>
      ))}
    </Table>
  );
}

function Command({ comm, command }: { readonly comm: string; readonly command: string | undefined }) {
  const text = visible(command ?? comm);
  return (
    <span className="block truncate" title={text}>
      {text}
    </span>
  );
}

export function LimitTable({ report }: { readonly report: Report }) {
  const { limits, limitGroup } = report;
  const has = (name: 'memswBytes' | 'softBytes' | 'swapBytes') =>
    limits.some((limit) => limit[name] !== undefined && limit[name] !== 'max');
  const optional = (['memswBytes', 'softBytes', 'swapBytes'] as const).filter(has);
  const names = { memswBytes: 'with swap', softBytes: 'soft', swapBytes: 'swap' } as const;
  return (
    <Table
      label="Limits in force"
      columns={[{ name: 'group', left: true }, { name: 'used' }, { name: 'limit' }, ...optional.map((name) => ({ name: names[name] }))]}
    >
      {limits.map((limit) => (
        <tr key={limit.group} className="border-b border-line/60 last:border-0">
          <td className={cx(TEXT, 'font-mono text-xs')}>
            <span className="flex items-center gap-2">
              <Link href={groupHref(limit.group)} title={limit.group} className="truncate hover:underline">
                {limit.group === '/' ? '/' : limit.group.slice(limit.group.lastIndexOf('/'))}
              </Link>
              {limit.group === limitGroup && <Badge className="shrink-0 text-hard">reached</Badge>}
            </span>
          </td>
          <td className={CELL}>{boundText(limit.usageBytes)}</td>
          <td className={cx(CELL, limit.group === limitGroup && 'font-medium text-hard')}>{boundText(limit.limitBytes)}</td>
          {optional.map((name) => (
            <td key={name} className={CELL}>
              {boundText(limit[name])}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
}

const TASK = [
  { name: 'pid', left: true },
  { name: 'process', left: true },
  { name: 'memory' },
  { name: 'swap' },
  { name: 'uid' },
  { name: 'oom_score_adj' },
] as const;

export function TaskTable({ kernel, victims }: { readonly kernel: KernelBlock; readonly victims: readonly ReportVictim[] }) {
  const [all, setAll] = useState(false);
  const { tasks = [], tasksCount = tasks.length } = kernel;
  const killed = new Set(victims.map(({ pid }) => pid));
  return (
    <>
      <Table label="Processes before the kill" columns={TASK} wide>
        {tasks.slice(0, all ? undefined : SHOWN).map(({ pid, comm, command, rssBytes, swapBytes, uid, oomScoreAdj }) => (
          <tr key={pid} className={cx('border-b border-line/60 last:border-0', killed.has(pid) && 'bg-oom-soft')}>
            <td className={PLAIN}>{pid}</td>
            <td className={cx(TEXT, 'font-mono text-xs')}>
              <span className="flex items-center gap-2">
                <Command comm={comm} command={command} />
                {killed.has(pid) && <span className="shrink-0 font-sans font-medium text-hard">killed</span>}
              </span>
            </td>
            <td className={CELL}>
              <Figure quantity={formatBytes(rssBytes)} />
            </td>
            <td className={CELL}>
              <Figure quantity={swapBytes === undefined ? undefined : formatBytes(swapBytes)} />
            </td>
            <td className={CELL}>{uid}</td>
            <td className={CELL}>{oomScoreAdj ?? '–'}</td>
          </tr>
        ))}
      </Table>
      <div className="mt-1 flex items-center gap-3 text-xs text-quiet">
        {tasks.length > SHOWN && (
          <Button size="sm" variant="quiet" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? 'Fewer' : `All ${tasks.length}`}
          </Button>
        )}
        {tasksCount > tasks.length && <span>The kernel listed {tasksCount.toLocaleString('en')}.</span>}
      </div>
    </>
  );
}
