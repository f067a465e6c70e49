// When a hard limit of v2 below the usage would kill: memory that the kernel can reclaim at once does not count.
import { expect, test } from 'vitest';
import { refuseToKill } from './limits.ts';

const MIB = 1024 * 1024;

/** A group that uses 300 MiB, of which the given MiB are clean and dirty page cache. */
function group(cleanMib: number, dirtyMib: number) {
  const files: Record<string, string> = {
    'memory.current': String(300 * MIB),
    'memory.stat': [
      `anon ${(300 - cleanMib - dirtyMib) * MIB}`,
      `file_dirty ${dirtyMib * MIB}`,
      'file_writeback 0',
      `inactive_file ${(cleanMib + dirtyMib) * MIB}`,
      'active_file 0',
      'slab_reclaimable 0',
    ].join('\n'),
  };
  return { has: async () => true, read: async (_: string, file: string) => files[file] ?? '' };
}

test.each<[string, number, number, string, string, boolean]>([
  ['nearly all of it is clean cache', 280, 0, 'memory.max', '64M', false],
  ['anonymous memory is above it', 100, 0, 'memory.max', '64M', true],
  ['it is above what stays', 100, 0, 'memory.max', '220M', false],
  ['cache is yet to be written', 0, 280, 'memory.max', '64M', true],
  ['it is above the usage', 0, 0, 'memory.max', '400M', false],
  ['there is no limit', 0, 0, 'memory.max', 'max', false],
  ['it slows down, and does not kill', 0, 0, 'memory.high', '64M', false],
])('%s', async (_, clean, dirty, file, asked, isRefused) => {
  const text = asked === 'max' ? asked : String(Number.parseInt(asked, 10) * MIB);
  const refused = refuseToKill(group(clean, dirty), '/g', file, text);
  await (isRefused ? expect(refused).rejects.toMatchObject({ problem: { code: 'would_kill' } }) : expect(refused).resolves.toBeUndefined());
});
