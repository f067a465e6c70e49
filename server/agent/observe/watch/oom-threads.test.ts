// Summaries that name another task than the kill line, whose process is the same only if nothing was between, and paths that were cut.
import { expect, test } from 'vitest';
import { type Found, killed, kills, type Line, RSS, summary } from './fixtures/oom-log.ts';
import { OomLines } from './oom-lines.ts';

const table = (process: number, thread: number) => [
  'hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  `[${thread}]     0  ${process}    23196     4360    94208        0             0 hog`,
];

test.each<[string, Line[], Found[]]>([
  [
    'another thread of the process that was chosen, whose first thread had ended, as the table has it',
    [...table(7, 8), summary({ pid: 7, group: '/a/b', limit: '/a', task: 'first' }), killed(8, 'second')],
    [{ pid: 8, comm: 'second', rssBytes: RSS, group: '/a/b', limitGroup: '/a' }],
  ],
  [
    'another thread or process, which no table tells apart',
    [summary({ pid: 7, group: '/a' }), killed(8)],
    [{ pid: 8, comm: 'hog', rssBytes: RSS }],
  ],
  ['another process of the table', [...table(8, 8), summary({ pid: 7, group: '/a' }), killed(8)], [{ pid: 8, comm: 'hog', rssBytes: RSS }]],
  [
    'another thread, and after it a kill without a summary',
    [...table(7, 8), summary({ pid: 7, group: '/a' }), killed(8), killed(9), killed(7)],
    [{ pid: 8, comm: 'hog', rssBytes: RSS, group: '/a', limitGroup: '/a' }, ...[9, 7].map((pid) => ({ pid, comm: 'hog', rssBytes: RSS }))],
  ],
  [
    'another process, after one that was already exiting',
    [
      summary({ pid: 7, group: '/a' }),
      'Memory cgroup out of memory: OOM victim 7 (hog) is already exiting. Skip killing the task',
      killed(8),
    ],
    [{ pid: 8, comm: 'hog', rssBytes: RSS }],
  ],
  [
    'another process, by another printer',
    [
      { text: summary({ pid: 7, group: '/a' }), caller: 'T7' },
      { text: killed(8), caller: 'T8' },
    ],
    [{ pid: 8, comm: 'hog', rssBytes: RSS }],
  ],
  [
    'another process, where an out of memory began between',
    [summary({ pid: 7, group: '/a' }), 'hog invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0', killed(8)],
    [{ pid: 8, comm: 'hog', rssBytes: RSS }],
  ],
  ...[974, 975].map((length): [string, Line[], Found[]] => [
    `a path of ${length} bytes, which may have been cut from 975 on`,
    [summary({ pid: 7, group: `/${'x'.repeat(length - 1)}`, limit: '/' }), killed(7)],
    [{ pid: 7, comm: 'hog', rssBytes: RSS, limitGroup: '/', ...(length < 975 ? { group: `/${'x'.repeat(length - 1)}` } : {}) }],
  ]),
])('a kill: %s', (_, lines, expected) => {
  expect(kills(lines)).toEqual(expected);
});

test('after lost records a kill of another pid than the summary’s has no group', () => {
  const parser = new OomLines({ has: () => true, isLeaf: () => true });
  const record = { timeUsec: 1, continues: false, caller: undefined };
  parser.take({ ...record, sequence: 1, bytes: summary({ pid: 7, group: '/a' }) });
  expect(parser.take({ ...record, sequence: 3, bytes: killed(8) })).not.toHaveProperty('limitGroup');
});
