// What the machine is, as its own programs say.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { Layout } from '../kernel/hierarchy/layout.ts';
import { describeHost } from './host.ts';

test('the size of a page is the machine’s', () => {
  const settings = { managedRoot: '/cgdeck', control: [], intervalMs: 1000 };
  const { pageBytes } = describeHost({ version: '1', noNetwork: {}, layout: new Layout([]), settings });
  expect(pageBytes).toBe(Number(execFileSync('getconf', ['PAGESIZE'], { encoding: 'utf8' })));
});
