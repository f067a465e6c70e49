// What the machine is, as its own programs say.
import { execFileSync } from 'node:child_process';
import { expect, test, vi } from 'vitest';
import { pageBytes } from '../../../native/libc/process.ts';
import { Layout } from '../kernel/hierarchy/layout.ts';
import { describeHost } from './host.ts';

vi.mock('../../../native/libc/process.ts', async (original) => {
  const real = await original<typeof import('../../../native/libc/process.ts')>();
  return { ...real, pageBytes: vi.fn(real.pageBytes) };
});

const pageOfHost = () =>
  describeHost({ version: '1', noNetwork: {}, layout: new Layout([]), settings: { managedRoot: '/cgdeck', control: [], intervalMs: 1000 } })
    .pageBytes;

test('the size of a page is what the machine says, also where it is not the usual 4096', () => {
  expect(pageOfHost()).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
  vi.mocked(pageBytes).mockReturnValueOnce(65_536);
  expect(pageOfHost()).toBe(65_536);
});
