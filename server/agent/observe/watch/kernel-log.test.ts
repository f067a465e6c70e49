// Lines of /dev/kmsg as kernels write them, of kills and of everything else.
import { expect, test } from 'vitest';
import { type OomKill, OomKillParser, parseKernelLog } from './kernel-log.ts';

function summary(facts: {
  task?: string;
  pid: number;
  limit?: string;
  group: string;
  global?: boolean;
  constraint?: string;
  cpuset?: string;
}): string {
  const where = facts.global ? ',global_oom' : `,oom_memcg=${facts.limit ?? facts.group}`;
  const constraint = facts.constraint ?? (facts.global ? 'CONSTRAINT_NONE' : 'CONSTRAINT_MEMCG');
  return `oom-kill:constraint=${constraint},nodemask=(null),cpuset=${facts.cpuset ?? '/'},mems_allowed=0${where},task_memcg=${facts.group},task=${facts.task ?? 'hog'},pid=${facts.pid},uid=0`;
}

function killed(pid: number, comm = 'hog', head = 'Memory cgroup out of memory'): string {
  return `${head}: Killed process ${pid} (${comm}) total-vm:66668kB, anon-rss:65280kB, file-rss:680kB, shmem-rss:4kB, UID:1879048192 pgtables:160kB oom_score_adj:0`;
}

const RSS = (65280 + 680 + 4) * 1024;

function kills(...lines: string[]): Omit<OomKill, 'sequence' | 'timeUsec'>[] {
  const parser = new OomKillParser();
  return lines.flatMap((text, i) => {
    const kill = parser.take({ sequence: 100 + i, timeUsec: 5_000_000 + i, text });
    if (!kill) return [];
    expect(kill).toMatchObject({ sequence: 100 + i, timeUsec: 5_000_000 + i });
    const { sequence: _, timeUsec: __, ...rest } = kill;
    return [rest];
  });
}

test.each<[string, string[], Omit<OomKill, 'sequence' | 'timeUsec'>[]]>([
  [
    'at the group’s own limit',
    [summary({ pid: 7, group: '/a/b' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a/b', limitGroup: '/a/b' }],
  ],
  [
    'at an ancestor’s',
    [summary({ pid: 7, group: '/a/b', limit: '/a' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a/b', limitGroup: '/a' }],
  ],
  [
    'of the whole machine',
    [summary({ pid: 7, group: '/a', global: true }), killed(7, 'hog', 'Out of memory')],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/' }],
  ],
  [
    'in the root group',
    [summary({ pid: 7, group: '/', global: true }), killed(7, 'hog', 'Out of memory')],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/', limitGroup: '/' }],
  ],
  [
    'of a cpuset',
    [summary({ pid: 7, group: '/a', global: true, constraint: 'CONSTRAINT_CPUSET', cpuset: 'tank' }), killed(7, 'hog', 'Out of memory')],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/' }],
  ],
  ['of the task that allocates', [killed(7, 'hog', 'Out of memory (oom_kill_allocating_task)')], [{ pid: 7, comm: 'hog', rssBytes: RSS }]],
  [
    'commas, blanks and unicode in the path',
    [summary({ pid: 7, group: '/cgdeck/a,b c=d/größe', limit: '/cgdeck/a,b c=d' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/cgdeck/a,b c=d/größe', limitGroup: '/cgdeck/a,b c=d' }],
  ],
  [
    'parentheses, blanks and commas in the name',
    [summary({ pid: 7, group: '/a', task: '(sd-pam), (x' }), killed(7, '(sd-pam), (x')],
    [{ pid: 7, comm: '(sd-pam), (x', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'a name that looks like the end of the line',
    [summary({ pid: 7, group: '/a', task: 'x,pid=9,uid=0' }), killed(7, 'a) total-vm:1kB')],
    [{ pid: 7, comm: 'a) total-vm:1kB', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'an empty name',
    [summary({ pid: 7, group: '/a', task: '' }), killed(7, '')],
    [{ pid: 7, comm: '', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'other lines between',
    [summary({ pid: 7, group: '/a' }), 'Tasks state (memory values in pages):', '[   7]     0     7    16667    16490', killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'two kills interleaved',
    [summary({ pid: 7, group: '/a' }), summary({ pid: 8, group: '/b' }), killed(8, 'b'), killed(7, 'a')],
    [
      { pid: 8, comm: 'b', rssBytes: RSS, group: '/b', limitGroup: '/b' },
      { pid: 7, comm: 'a', rssBytes: RSS, group: '/a', limitGroup: '/a' },
    ],
  ],
  [
    'a pid that is used again',
    [summary({ pid: 7, group: '/a' }), killed(7), killed(7)],
    [
      { pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' },
      { pid: 7, comm: 'hog', rssBytes: RSS },
    ],
  ],
  ['no summary line', [killed(7)], [{ pid: 7, comm: 'hog', rssBytes: RSS }]],
  ['only the summary line', [summary({ pid: 7, group: '/a' })], []],
  [
    'lines of something else',
    [
      'hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
      'oom_reaper: reaped process 7 (hog), now anon-rss:0kB',
      'Killed process',
      'oom-kill:',
      '',
    ],
    [],
  ],
])('a kill: %s', (_, lines, expected) => {
  expect(kills(...lines)).toEqual(expected);
});

test.each([
  ['6,2565,102258983,-;oom-kill:x', { sequence: 2565, timeUsec: 102258983, text: 'oom-kill:x' }],
  ['3,1,0,c;continued; with; semicolons', { sequence: 1, timeUsec: 0, text: 'continued; with; semicolons' }],
  ['6,5,9,-,caller=T123;text\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP\n', { sequence: 5, timeUsec: 9, text: 'text' }],
  ['6,5,9,-;task_memcg=/gr\\xc3\\xb6\\xc3\\x9fe/\\xe7\\xbe\\xa4\\x5cx41', { sequence: 5, timeUsec: 9, text: 'task_memcg=/größe/群\\x41' }],
  ['6,5,9,-;a tab\\x09 and a bell\\x07', { sequence: 5, timeUsec: 9, text: 'a tab\t and a bell\u0007' }],
  ['6,5,9,-;no bytes of UTF-8: \\xff', { sequence: 5, timeUsec: 9, text: 'no bytes of UTF-8: \ufffd' }],
  ['6,5,9,-;', { sequence: 5, timeUsec: 9, text: '' }],
  ['', undefined],
  ['6,5', undefined],
  ['no record', undefined],
])('the record %j', (record, parsed) => {
  expect(parseKernelLog(record)).toEqual(parsed);
});
