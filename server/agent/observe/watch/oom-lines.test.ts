// Kernel log lines of kills, from many kernel versions, with group and process names made to look like such lines.
import { expect, test } from 'vitest';
import { type Found, killed, kills, type Line, OLD, RSS, summary } from './fixtures/oom-log.ts';
import type { KnownGroups } from './oom-places.ts';

test.each<[string, Line[], Found[]]>([
  [
    'at the group’s own limit',
    [summary({ pid: 7, group: '/a/b' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a/b', limitGroup: '/a/b' }],
  ],
  [
    'at an ancestor’s limit',
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
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/', nodes: '0' }],
  ],
  [
    'of the task that allocates',
    [killed(7, 'hog', 'Out of memory (oom_kill_allocating_task)')],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, limitGroup: '/' }],
  ],
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
    'a process name that looks like the end of the line',
    [summary({ pid: 7, group: '/a', task: 'x,pid=9,uid=0' }), killed(7, 'x,pid=9,uid=0')],
    [{ pid: 7, comm: 'x,pid=9,uid=0', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
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
    'two kills interleaved, as no kernel with this line prints them',
    [summary({ pid: 7, group: '/a', task: 'a' }), summary({ pid: 8, group: '/b', task: 'b' }), killed(8, 'b'), killed(7, 'a')],
    [
      { pid: 8, comm: 'b', rssBytes: RSS, group: '/b', limitGroup: '/b' },
      { pid: 7, comm: 'a', rssBytes: RSS },
    ],
  ],
  [
    'a process name that looks like the end of its own line',
    [summary({ pid: 7, group: '/a', task: ') total-vm:1kB' }), killed(7, ') total-vm:1kB')],
    [{ pid: 7, comm: ') total-vm:1kB', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  ...[',task=y', 'a\nb', 'a\rb', 'a\u2028b', '\u0085', ',pid=7,uid=0'].map((name): [string, Line[], Found[]] => [
    `the name ${JSON.stringify(name)}`,
    [summary({ pid: 7, group: '/a', task: name }), killed(7, name)],
    [{ pid: 7, comm: name, rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ]),
  [
    'a name that changed between the lines',
    [summary({ pid: 7, group: '/a', task: 'x,task=hog' }), killed(7, 'x')],
    [{ pid: 7, comm: 'x', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'a name that changed between the lines, which the group may end with',
    [summary({ pid: 7, group: '/top/a', limit: '/top', task: 'x,task=hog' }), killed(7, 'x')],
    [{ pid: 7, comm: 'x', rssBytes: RSS }],
  ],
  [
    'a group that looks like another, in every part',
    [summary({ pid: 7, group: '/a,task_memcg=/b', limit: '/a,task_memcg=/b' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a,task_memcg=/b', limitGroup: '/a,task_memcg=/b' }],
  ],
  [
    'a group name of invisible characters, and one that is not UTF-8',
    [summary({ pid: 7, group: '/a\tb/\u2028' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a\\x09b/\\xe2\\x80\\xa8', limitGroup: '/a\\x09b/\\xe2\\x80\\xa8' }],
  ],
  [
    'a cpuset that looks like a limit',
    [summary({ pid: 7, group: '/a', cpuset: 'x,mems_allowed=0,oom_memcg=,task_memcg=' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'of the whole machine, in a group that looks like another',
    [summary({ pid: 7, group: '/a,task_memcg=/b', global: true }), killed(7, 'hog', 'Out of memory')],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a,task_memcg=/b', limitGroup: '/' }],
  ],
  [
    'at a limit without a constraint',
    [summary({ pid: 7, group: '/a/b', limit: '/a', constraint: 'CONSTRAINT_NONE' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a/b', limitGroup: '/a' }],
  ],
  [
    'a uid from 2^31 on',
    [summary({ pid: 7, group: '/a' }).replace(/uid=0$/, 'uid=-2'), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'one pid twice, in a group that is killed as a whole',
    [
      summary({ pid: 7, group: '/a' }),
      killed(7),
      'Tasks in /a are going to be killed due to memory.oom.group set',
      killed(7),
      killed(8, 'b'),
      { text: killed(9, 'c'), laterMs: 2000 },
    ],
    [
      { pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' },
      { pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a', again: true },
      { pid: 8, comm: 'b', rssBytes: RSS, whole: '/a' },
      { pid: 9, comm: 'c', rssBytes: RSS },
    ],
  ],
  [
    'a pid that is reused',
    [summary({ pid: 7, group: '/a' }), killed(7), { text: killed(7), laterMs: 2000 }],
    [
      { pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' },
      { pid: 7, comm: 'hog', rssBytes: RSS },
    ],
  ],
  [
    'a summary in three records, with others between',
    [
      { text: summary({ pid: 7, group: '/a' }).slice(0, 60), caller: 'T7' },
      { text: 'of another', caller: 'T8' },
      { text: 'of another, too', caller: 'T8', continues: true },
      { text: summary({ pid: 7, group: '/a' }).slice(60, 100), caller: 'T7', continues: true },
      { text: summary({ pid: 7, group: '/a' }).slice(100), caller: 'T7', continues: true },
      { text: killed(7), caller: 'T7' },
    ],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' }],
  ],
  [
    'before 5.0: the chosen process',
    [
      'a invoked oom-killer: x',
      'Task in /g killed as a result of limit of /',
      'Memory cgroup out of memory: Kill process 7 (a) score 999 or sacrifice child',
      OLD,
    ],
    [{ pid: 7, comm: 'a', rssBytes: 1024, group: '/g', limitGroup: '/' }],
  ],
  [
    'before 5.0: its child instead',
    [
      'Task in /g killed as a result of limit of /g',
      'Memory cgroup out of memory: Kill process 6 (a) score 999 or sacrifice child',
      OLD,
      OLD.replace('7', '8'),
    ],
    [
      { pid: 7, comm: 'a', rssBytes: 1024, group: '/g', limitGroup: '/g' },
      { pid: 8, comm: 'a', rssBytes: 1024 },
    ],
  ],
  ...[
    'Killed process 7 (a), UID 0, total-vm:1kB, anon-rss:1kB, file-rss:0kB',
    'Killed process 7, UID 500, (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB',
    'Killed process 7 (a) vsz:1kB, anon-rss:1kB, file-rss:0kB',
  ].map((line): [string, Line[], Found[]] => [line, [line], [{ pid: 7, comm: 'a', rssBytes: 1024 }]]),
  ['no summary line', [killed(7)], [{ pid: 7, comm: 'hog', rssBytes: RSS }]],
  ['only the summary line', [summary({ pid: 7, group: '/a' })], []],
  [
    'other lines',
    [
      'hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
      'oom_reaper: reaped process 7 (hog), now anon-rss:0kB',
      'Killed process',
      'Tasks in /: Killed process 7 (a) total-vm:1kB, anon-rss:1kB, file-rss:0kB are going to be killed due to memory.oom.group set',
      `Memory cgroup stats for /a: ${OLD}:`,
      `x${OLD}`,
      'oom-kill:',
      '',
    ],
    [],
  ],
])('a kill: %s', (_, lines, expected) => {
  expect(kills(lines)).toEqual(expected);
});

const only = (...paths: string[]): KnownGroups => ({
  has: (path: string) => paths.includes(path),
  isLeaf: (path: string) => !paths.some((other) => other.startsWith(`${path}/`)),
});

test('an unknown group is not reported', () => {
  expect(kills([summary({ pid: 7, group: '/a' }), killed(7)], only('/b'))).toEqual([{ pid: 7, comm: 'hog', rssBytes: RSS }]);
  expect(kills(['Task in /a killed as a result of limit of /a', OLD], only('/b'))).toEqual([{ pid: 7, comm: 'a', rssBytes: 1024 }]);
});

test('a line that fits two known groups names neither', () => {
  const limit = '/a,task_memcg=/a/b';
  const line = [summary({ pid: 7, group: limit, limit }), killed(7)];
  const same = '/a/b,task_memcg=/a,task_memcg=/a/b';
  expect(kills(line, only(limit))).toMatchObject([{ group: limit, limitGroup: limit }]);
  expect(kills(line, only('/a', same))).toMatchObject([{ group: same, limitGroup: '/a' }]);
  expect(kills(line, only('/a', same, limit))).toEqual([{ pid: 7, comm: 'hog', rssBytes: RSS }]);
});

test('a kill of a whole group with groups below names no group', () => {
  const lines = ['Tasks in /a are going to be killed due to memory.oom.group set', killed(8)];
  expect(kills(lines, only('/a', '/a/b'))).toEqual([{ pid: 8, comm: 'hog', rssBytes: RSS }]);
  expect(kills(lines, only('/a'))).toEqual([{ pid: 8, comm: 'hog', rssBytes: RSS, whole: '/a' }]);
});
