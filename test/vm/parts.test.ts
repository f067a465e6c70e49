// What is in the cache is used only when it is complete.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const cache = mkdtempSync(join(tmpdir(), 'cgdeck-parts-'));
let parts: typeof import('./parts.ts');

beforeAll(async () => {
  vi.stubEnv('CGDECK_VM_CACHE', cache);
  parts = await import('./parts.ts');
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

const fill = async (folder: string): Promise<void> => writeFileSync(join(folder, 'kernel'), 'a kernel');

test('what is not there is not whole', () => {
  expect(parts.isWhole('kernel-6.1')).toBe(false);
});

test('what was filled is whole, until a file is shorter', async () => {
  await parts.makePart('kernel-6.1', fill);
  expect(parts.isWhole('kernel-6.1')).toBe(true);
  truncateSync(join(parts.folderOf('kernel-6.1'), 'kernel'), 3);
  expect(parts.isWhole('kernel-6.1')).toBe(false);
});

test('what could not be filled to its end leaves what was there, and is made again the next time', async () => {
  await parts.makePart('kernel-6.12', fill);
  const breaksOff = async (folder: string): Promise<void> => {
    writeFileSync(join(folder, 'half'), '');
    throw new Error('the network is gone');
  };
  await expect(parts.makePart('kernel-6.12', breaksOff)).rejects.toThrow('the network is gone');
  expect(parts.isWhole('kernel-6.12')).toBe(true);
  await parts.makePart('kernel-6.12', fill);
  expect(parts.isWhole('kernel-6.12')).toBe(true);
});
