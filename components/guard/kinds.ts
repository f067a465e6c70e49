// What the memory of a held group consists of: the parts of the small bar, which together are its usage.
import type { HoldFacts } from '../../server/contract/guards.ts';

export interface Kind {
  readonly name: string;
  readonly bytes: number;
  readonly help: string;
  readonly fill: string;
}

/** Without swap, which is no part of the usage; slab and shared memory are parts of others, and are taken out of them. @returns those above zero */
export function kindsOf({ kinds, usageBytes }: Pick<HoldFacts, 'kinds' | 'usageBytes'>): Kind[] {
  const { anonBytes = 0, fileBytes = 0, shmemBytes = 0, kernelBytes, slabBytes = 0 } = kinds;
  const kernel = kernelBytes ?? slabBytes;
  // memory.stat counts shmem as file (v2) or as cache (v1): both are pages of a file system in memory.
  const cache = Math.max(0, fileBytes - shmemBytes);
  const named = anonBytes + cache + shmemBytes + kernel;
  const all: Kind[] = [
    { name: 'Program memory', bytes: anonBytes, help: 'Anonymous: heaps and stacks. Only swap can take it.', fill: 'bg-usage' },
    { name: 'Shared memory', bytes: shmemBytes, help: 'shmem and tmpfs. Only swap can take it.', fill: 'bg-series-1' },
    {
      name: 'File cache',
      bytes: cache,
      help: 'Pages of files: the kernel can give them back.',
      fill: 'bg-usage-soft hatch [--hatch:var(--color-usage)]',
    },
    { name: 'Kernel', bytes: Math.max(0, kernel - slabBytes), help: 'Kernel stacks, page tables, sockets.', fill: 'bg-series-5' },
    {
      name: 'Slab',
      bytes: Math.min(slabBytes, kernel),
      help: 'Kernel objects such as inodes: partly freed on demand.',
      fill: 'bg-series-2',
    },
    { name: 'Other', bytes: Math.max(0, usageBytes - named), help: 'Charged, and not named by memory.stat.', fill: 'bg-line-strong' },
  ];
  return all.filter(({ bytes }) => bytes > 0);
}
