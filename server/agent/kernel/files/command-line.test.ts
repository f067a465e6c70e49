// Command lines of real processes: whole, and cut with a mark and between characters.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { readCommand } from './command-line.ts';

let child: ChildProcess | undefined;
afterEach(async () => {
  if (!child) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
});

async function commandWith(argument: string, most: number): Promise<string> {
  child = spawn('/bin/sh', ['-c', 'echo; read line', argument], { stdio: ['pipe', 'pipe', 'ignore'] });
  if (child.stdout) await once(child.stdout, 'data');
  return readCommand(`/proc/${child.pid}`, most);
}

const BEFORE = '/bin/sh -c echo; read line ';

test('is whole where it fits', async () => {
  expect(await commandWith('я b', 4096)).toBe(`${BEFORE}я b`);
});

test.each([0, 1])('is cut with a mark, and between characters (%i)', async (more) => {
  expect(await commandWith('я'.repeat(100), BEFORE.length + 20 + more)).toBe(`${BEFORE}${'я'.repeat(10)}…`);
});

test('is whole where it fits exactly', async () => {
  expect(await commandWith('abc', BEFORE.length + 3)).toBe(`${BEFORE}abc`);
});

test('is cut where the next argument begins', async () => {
  child = spawn('/bin/sh', ['-c', 'echo; read line', 'abc', 'd'], { stdio: ['pipe', 'pipe', 'ignore'] });
  if (child.stdout) await once(child.stdout, 'data');
  expect(readCommand(`/proc/${child.pid}`, BEFORE.length + 3)).toBe(`${BEFORE}abc…`);
});
