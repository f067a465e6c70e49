// Reads what a launch's group has used, when its program starts and ends: CPU time and peak memory.
import { readFileSync, writeFileSync } from 'node:fs';
import type { GroupTree } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';

const NS_PER_MS = 1e6;
const USEC_PER_MS = 1e3;
const V1_PEAK = 'memory.max_usage_in_bytes';
const V2_PEAK = 'memory.peak';
const V1_CPU_TIME = 'cpuacct.usage';
const V2_CPU_TIME = 'cpu.stat';

export class GroupUsage {
  readonly #layout: Layout;
  readonly #tree: GroupTree;

  constructor(layout: Layout, tree: GroupTree) {
    this.#layout = layout;
    this.#tree = tree;
  }

  /** CPU time since the group was made, and peak memory since the last `begin`. A value that cannot be read is absent. */
  of(group: string): { readonly cpuMs?: number; readonly peakBytes?: number } {
    const cpuMs = this.#cpuMs(group);
    const peak = this.#read(group, V1_PEAK) ?? this.#read(group, V2_PEAK);
    return { ...(cpuMs === undefined ? {} : { cpuMs }), ...(peak === undefined ? {} : { peakBytes: Number(peak) }) };
  }

  /** Resets the peak on v1. v2 resets it only for the descriptor that wrote, since Linux 6.12, so there it counts since the group was made. */
  begin(group: string): void {
    const path = this.#path(group, V1_PEAK);
    if (path === undefined) return;
    try {
      // Any write resets the high-water mark.
      writeFileSync(path, '0');
    } catch {
      // The group is being removed.
    }
  }

  #cpuMs(group: string): number | undefined {
    const ns = this.#read(group, V1_CPU_TIME);
    if (ns !== undefined) return Number(ns) / NS_PER_MS;
    const usec = /^usage_usec (\d+)$/m.exec(this.#read(group, V2_CPU_TIME) ?? '')?.[1];
    return usec === undefined ? undefined : Number(usec) / USEC_PER_MS;
  }

  #read(group: string, file: string): string | undefined {
    const path = this.#path(group, file);
    try {
      return path === undefined ? undefined : readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  }

  #path(group: string, file: string): string | undefined {
    return this.#layout.filePath(group, file, (hierarchy) => this.#tree.get(group)?.in.has(hierarchy) ?? false);
  }
}
