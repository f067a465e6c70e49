// Thousands of processes: only those shown are read in full, and other work gets its turn meanwhile.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { describeNamespaces } from './namespace-view.ts';
import { describeProcesses } from './process-table.ts';

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  return { ...fs, readlinkSync: vi.fn(fs.readlinkSync) };
});

const KINDS = 8;

/** Counts the turns that other work gets. */
async function turnsDuring<T>(work: () => Promise<T>): Promise<{ turns: number; answer: T }> {
  let turns = 0;
  let running = true;
  const other = () => {
    turns++;
    if (running) setImmediate(other);
  };
  setImmediate(other);
  try {
    return { answer: await work(), turns };
  } finally {
    running = false;
  }
}

/** This process many times, as only the number of reads matters. */
const many = Array.from({ length: 2000 }, () => process.pid);

test('reads only the shown processes of thousands in full, and other work gets its turn', async () => {
  const looks = vi.mocked(readlinkSync).mockClear();
  const { answer, turns } = await turnsDuring(() => describeProcesses(many, 100));
  expect(answer).toHaveLength(100);
  expect(answer[0]).toMatchObject({ pid: process.pid, ppid: process.ppid });
  expect(looks.mock.calls.length).toBeLessThanOrEqual(100 * KINDS);
  expect(turns).toBeGreaterThanOrEqual(10);
});

test('of a command line of megabytes the first 4096 bytes are shown, and that it is cut', async () => {
  // A single argument may have 128 KiB, and all of them together a quarter of the stack (execve(2)).
  const words = Array.from({ length: 12 }, () => 'x'.repeat(100_000));
  const child = spawn('/bin/sh', ['-c', 'read line', 'a program', ...words], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = Number(child.pid);
  try {
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/cmdline`).length).toBeGreaterThan(1_200_000), { timeout: 30_000 });
    const [found] = await describeProcesses([pid], 1);
    expect(found).toMatchObject({ pid, comm: 'sh' });
    expect(found?.command).toHaveLength(4097);
    expect(found?.command).toMatch(/^\/bin\/sh -c read line a program x+…$/);
  } finally {
    const ended = once(child, 'exit');
    child.stdin?.end();
    await ended;
  }
});

test('leaves out a process that has ended', async () => {
  expect(await describeProcesses([process.pid, 2 ** 30], 10)).toHaveLength(1);
});

test('looks up the namespaces of thousands of processes in slices, and names some of the processes', async () => {
  const { answer, turns } = await turnsDuring(() => describeNamespaces(many));
  const net = answer.find(({ kind }) => kind === 'net');
  expect(net).toMatchObject({ pidsCount: many.length, own: false });
  expect(net?.pids.length).toBeLessThan(100);
  expect(turns).toBeGreaterThanOrEqual(20);
});
