// Thousands of processes: only those shown are read in full, and other work gets its turn meanwhile.
import { readlinkSync } from 'node:fs';
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
