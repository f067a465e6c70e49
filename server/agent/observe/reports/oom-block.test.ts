// Statistics that are one record (Linux 5.3 to 6.4), wherever the kernel cuts it: no half number is read.
import { expect, test } from 'vitest';
import { parseOomBlock } from './oom-block.ts';

const PAGE_BYTES = 4096;
const VALUE = 1234567;
const statistics = Array.from({ length: 80 }, (_, at) => `stat_${at} ${VALUE}`).join('\n');

/** LOG_LINE_MAX with and without callers, and of later kernels, less the level; the number may end before, in any place. */
const cuts = [973, 989, 1021].flatMap((most) => Array.from({ length: 10 }, (_, less) => most - less).filter((length) => length >= 972));

test.each(cuts)('statistics cut at %i bytes', (length) => {
  const lines = ['web invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0', 'Memory cgroup stats for /a:', statistics.slice(0, length)];
  const block = parseOomBlock({ lines, omitted: 0, omittedTasks: 0, torn: false }, PAGE_BYTES);
  expect(block.incomplete).toBe(true);
  expect(Object.keys(block.stats ?? {}).length).toBeGreaterThan(50);
  expect(new Set(Object.values(block.stats ?? {}))).toEqual(new Set([VALUE]));
});

test('a process’s name that looks like statistics is none of them', () => {
  const lines = [
    'web invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0',
    'Memory cgroup stats for /a:',
    'anon 20316160\nfile 0',
    'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/a,task_memcg=/a,task=x\nfile 9\n,pid=11,uid=0',
    'Memory cgroup out of memory: Killed process 11 (x\nfile 9\n) total-vm:40kB, anon-rss:20kB, file-rss:0kB, shmem-rss:0kB, UID:0',
  ];
  const block = parseOomBlock({ lines, omitted: 0, omittedTasks: 0, torn: false }, PAGE_BYTES);
  expect(block.stats).toEqual({ anon: 20316160, file: 0 });
  expect(block.incomplete).toBeUndefined();
});
