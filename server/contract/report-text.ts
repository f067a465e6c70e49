// A report as plain text, for a ticket or a terminal.
import { heldWords } from './event-words.ts';
import type { Charged, Report, ReportHold, ReportLimit, ReportVictim } from './reports.ts';
import { bytesText, shortDuration } from './units.ts';
import { visible } from './visible.mjs';

const MOST_TASKS = 20;
const WIDTH = 14;

const bound = (bytes: number | 'max') => (bytes === 'max' ? 'none' : bytesText(bytes));
const time = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', ' UTC');
const row = (name: string, text: string) => `  ${name.padEnd(WIDTH)} ${text}`;

/** Each part is left out where nothing is known. */
export function reportText(report: Report): string {
  const { sentence, group, limitGroup, owner, host, id, victims, hold, decisions, charged, limits, kernel, before, actions, count, late } =
    report;
  const part = (title: string, lines: readonly (string | undefined)[]) => {
    const known = lines.filter((line) => line !== undefined);
    return known.length > 0 ? ['', title, ...known] : [];
  };
  const lines = [
    sentence,
    '',
    row('report', `${id} on ${host}, ${time(report.time)}${late ? ', found later' : ''}`),
    row('group', group),
    ...(limitGroup === undefined ? [] : [row('limit of', limitGroup === '/' ? 'the machine' : limitGroup)]),
    ...(owner ? [row(owner.kind, [owner.name, ...(owner.argv ? [`(${owner.argv.join(' ')})`] : [])].join(' '))] : []),
    ...part('Held', hold ? holdLines(hold) : []),
    ...part(
      'Decided',
      (decisions ?? []).map(
        ({ time: at, afterMs, by, sentence: what }) =>
          `  ${time(at)}${afterMs === undefined ? '' : ` (after ${shortDuration(afterMs)})`}${by === undefined ? '' : ` ${by}`}: ${what}`,
      ),
    ),
    ...part(count === 1 ? 'Victim' : `Victims (${count} killed)`, victims.map(victimLine)),
    ...part('Limits', limits.map(limitLine)),
    ...part('Memory', charged ? chargedLines(charged) : []),
    ...part(
      'Processes before, largest first',
      (kernel?.tasks ?? [])
        .slice(0, MOST_TASKS)
        .map((task) => `  ${String(task.pid).padStart(8)} ${bytesText(task.rssBytes).padStart(10)} ${task.command ?? task.comm}`),
    ),
    ...part(
      'Actions before',
      actions.map(
        (action) =>
          `  ${time(action.time)} ${action.by}: ${action.action} ${action.group}${action.refused === undefined ? '' : ` (refused: ${action.refused})`}`,
      ),
    ),
    ...part(
      'Events before',
      before.map(
        (event) =>
          `  ${time(event.time)} ${event.kind} ${event.group}${'file' in event ? ` ${event.file}` : ''}${event.kind === 'write' ? `: ${event.old} -> ${event.new}` : ''}`,
      ),
    ),
    ...part(`Kernel log${kernel?.incomplete ? ' (lines are missing)' : ''}`, [
      ...(kernel?.lines ?? []).map((line) => `  ${line}`),
      kernel?.omitted === undefined ? undefined : `  (${kernel.omitted} more lines are left out)`,
    ]),
  ];
  return lines.map((line) => visible(line)).join('\n');
}

function victimLine({ pid, comm, rssBytes, command, uid, oomScoreAdj, ageMs }: ReportVictim): string {
  const facts = [
    rssBytes === undefined ? undefined : bytesText(rssBytes),
    uid === undefined ? undefined : `uid ${uid}`,
    oomScoreAdj === undefined ? undefined : `oom_score_adj ${oomScoreAdj}`,
    ageMs === undefined ? undefined : `ran for ${shortDuration(ageMs)}`,
    command,
  ];
  return row(`${pid} ${comm}`, facts.filter((fact) => fact !== undefined).join(', '));
}

function holdLines({ reason, pattern, facts, deadlineMs, next }: ReportHold): string[] {
  const { usageBytes, lineBytes, memsw, limit } = facts;
  return [
    row('why', heldWords[reason]),
    row('guard', pattern),
    row('in use', `${bytesText(usageBytes)}${lineBytes === undefined ? '' : `, line ${bytesText(lineBytes)}`}`),
    ...(memsw
      ? [row('with swap', `${bytesText(memsw.usageBytes)}, line ${bytesText(memsw.lineBytes)}, limit ${bound(memsw.limit.value)}`)]
      : []),
    row('limit', limit.value === 'max' ? 'none' : `${bound(limit.value)} of ${limit.group}`),
    row('deadline', `${deadlineMs === 0 ? 'at once' : shortDuration(deadlineMs)}${next === undefined ? '' : `, then: ${next}`}`),
  ];
}

function limitLine({ group, limitBytes, memswBytes, softBytes, swapBytes, usageBytes }: ReportLimit): string {
  const facts = [
    usageBytes === undefined ? undefined : `uses ${bytesText(usageBytes)}`,
    limitBytes === undefined ? undefined : `limit ${bound(limitBytes)}`,
    memswBytes === undefined ? undefined : `with swap ${bound(memswBytes)}`,
    softBytes === undefined ? undefined : `soft ${bound(softBytes)}`,
    swapBytes === undefined ? undefined : `swap ${bound(swapBytes)}`,
  ];
  return row(group, facts.filter((fact) => fact !== undefined).join(', '));
}

function chargedLines({ from, group, ...kinds }: Charged): string[] {
  const rows = Object.entries(kinds).map(([kind, bytes]) => row(kind, bytesText(bytes)));
  return [...rows, `  of ${group}, from ${from === 'kernel log' ? 'the kernel’s log' : 'the last readings before'}`];
}
