// Help that says in which unit a file's lines are: true of each key that the kernel writes (Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/memory.rst).
import { expect, test } from 'vitest';
import { findControlFile } from './control-files.ts';

const COUNTED = {
  1: ['pgpgin', 'pgpgout', 'pgfault', 'pgmajfault', 'workingset_refault_anon', 'workingset_nodereclaim', 'total_pgfault'],
  2: [
    ...[
      'pgfault',
      'pgmajfault',
      'pgrefill',
      'pgscan_kswapd',
      'pgsteal',
      'pgactivate',
      'pglazyfreed',
      'pgdemote_kswapd',
      'pgpromote_success',
    ],
    ...[
      'workingset_refault_file',
      'workingset_nodereclaim',
      'pswpin',
      'pswpout',
      'swpin_zero',
      'swpout_zero',
      'zswpin',
      'zswpout',
      'zswpwb',
    ],
    ...[
      'thp_fault_alloc',
      'thp_collapse_alloc',
      'thp_swpout',
      'thp_swpout_fallback',
      'numa_pages_migrated',
      'numa_pte_updates',
      'numa_hint_faults',
    ],
  ],
} as const;
const IN_BYTES = {
  1: [
    'cache',
    'rss',
    'rss_huge',
    'shmem',
    'mapped_file',
    'dirty',
    'writeback',
    'swap',
    'swapcached',
    'inactive_anon',
    'unevictable',
    'total_rss',
  ],
  2: [
    ...[
      'anon',
      'file',
      'kernel',
      'kernel_stack',
      'pagetables',
      'sec_pagetables',
      'percpu',
      'sock',
      'vmalloc',
      'shmem',
      'zswap',
      'zswapped',
    ],
    ...['file_mapped', 'file_dirty', 'swapcached', 'anon_thp', 'file_thp', 'shmem_thp', 'inactive_anon', 'slab_reclaimable', 'hugetlb'],
  ],
} as const;

test.each([1, 2] as const)('memory.stat of v%i names each line that is no bytes', (version) => {
  const help = findControlFile('memory.stat', version)?.help ?? '';
  const named = /Lines with (.+) count/.exec(help)?.[1]?.split(/, | and /) ?? [];
  const isNamed = (key: string) => named.some((part) => key.includes(part));
  expect(COUNTED[version].filter((key) => !isNamed(key))).toEqual([]);
  expect(IN_BYTES[version].filter(isNamed)).toEqual([]);
});

test.each(['blkio.time', 'blkio.time_recursive', 'blkio.unaccounted_time'])('%s changed its unit', (name) => {
  expect(findControlFile(name, 1)?.help).toMatch(/nanoseconds from Linux 4\.8/);
});

test('the time of BFQ did not', () => {
  expect(findControlFile('blkio.bfq.time', 1)?.help).not.toMatch(/4\.8/);
});
