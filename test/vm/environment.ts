// What programs of the clone find in their environment in a guest, and the folder in which they share what Node has compiled.
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { MachineOptions } from './machine.ts';
import { CACHE } from './parts.ts';

export const ROOT = join(import.meta.dirname, '..', '..');
/** What Node has compiled in one machine it need not compile in the next: a quarter of what vitest's start takes. The guest has to be able to write it. */
export const COMPILED = join(CACHE, 'compiled');
/** How many times longer everything takes there; tests give themselves so much more time. */
export const SLOWNESS = 10;
const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

export type Guest = Pick<MachineOptions, 'kernel' | 'mode' | 'swap' | 'network' | 'processors'>;

export function environmentFor({ kernel, mode, swap = true }: Guest): Record<string, string> {
  mkdirSync(COMPILED, { recursive: true });
  return {
    PATH: [join(ROOT, 'node_modules', '.bin'), ...FOLDERS].join(delimiter),
    // Tests that run inside learn from it where they are, and that everything takes longer there.
    CGDECK_TEST_MACHINE: `${mode} on ${kernel}, ${swap ? 'with' : 'without'} swap`,
    CGDECK_TEST_SLOWNESS: String(SLOWNESS),
    CGDECK_EXPECT_MODE: mode === 'systemd' ? 'v2' : mode,
    NODE_COMPILE_CACHE: COMPILED,
  };
}
