// Blocks of kills are bounded: one with twenty thousand tasks, and thousands of kills whose reports are not taken.
import { expect, test } from 'vitest';
import { parseOomBlock } from '../reports/oom-block.ts';
import { OomBlocks } from './oom-blocks.ts';
import { OomLines } from './oom-lines.ts';

const PAGE_BYTES = 4096;

function feed(blocks: OomBlocks, lines: readonly string[]): void {
  const kills = new OomLines({ has: () => true, isLeaf: () => true });
  for (const [sequence, bytes] of lines.entries()) {
    const record = { sequence, timeUsec: sequence, continues: false, caller: undefined, bytes };
    blocks.take(record, 0, kills.take(record));
  }
}

const kill = (pid: number, tasks: readonly string[] = []) => [
  'web invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
  '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
  ...tasks,
  `oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=web,pid=${pid},uid=0`,
  `Out of memory: Killed process ${pid} (web) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0`,
];

test('of a table of twenty thousand tasks the first lines and the last ones are kept, and the rest is counted', () => {
  const blocks = new OomBlocks();
  const tasks = Array.from(
    { length: 20_000 },
    (_, i) => `[${String(i).padStart(7)}]     0 ${i}    10000 ${i}    90112        0             0 worker`,
  );
  feed(blocks, kill(7, tasks));
  const raw = blocks.of(7);
  expect(raw && raw.lines.length + raw.omitted).toBe(20_004);
  const block = raw && parseOomBlock(raw, PAGE_BYTES);
  expect(JSON.stringify(block).length).toBeLessThan(100_000);
  expect(block?.lines.at(-1)).toMatch(/^Out of memory: Killed process 7 /);
  expect(block?.tasks).toHaveLength(100);
  expect(block?.tasksCount).toBe(20_000);
});

test('blocks that are not taken are forgotten, the oldest first', () => {
  const blocks = new OomBlocks();
  for (let pid = 1; pid <= 5000; pid++) feed(blocks, kill(pid));
  expect(blocks.of(1)).toBeUndefined();
  expect(blocks.of(4900)).toBeDefined();
  expect(blocks.of(5000)).toBeDefined();
});
