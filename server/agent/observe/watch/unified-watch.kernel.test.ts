// Notices of a group's last process on the kernel's files, with reads between two notices.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventfd, eventfdWrite } from '../../../../native/libc/epoll.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { Layout } from '../../kernel/hierarchy/layout.ts';
import { readHierarchies } from '../../kernel/hierarchy/mounts.ts';
import { Sources } from '../../kernel/sources.ts';
import { UnifiedWatch } from './unified-watch.ts';

const GROUP = `/cgdeck-test-populated-${process.pid}`;

let dir: string;
let sources: Sources;
let watch: UnifiedWatch;
let children: ChildProcess[];
let emptied: number;
let waiting: (() => void)[];

beforeEach(() => {
  const layout = new Layout(readHierarchies());
  if (!layout.unified) throw new Error('no unified hierarchy is mounted, and the tests need one');
  dir = layout.dir(layout.unified, GROUP);
  mkdirSync(dir);
  children = [];
  emptied = 0;
  waiting = [];
  sources = new Sources();
  watch = new UnifiedWatch(
    sources,
    {
      oom: () => {},
      threshold: () => {},
      state: () => {},
      emptied: () => {
        emptied++;
        for (const wake of waiting.splice(0)) wake();
      },
    },
    () => false,
  );
  sources.start((error) => {
    throw error;
  });
});

afterEach(async () => {
  watch.remove(GROUP);
  sources.stop();
  for (const child of children) {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await ended;
  }
  rmdirSync(dir);
});

async function enter(): Promise<ChildProcess> {
  const child = spawn('/bin/sleep', ['1000']);
  children.push(child);
  await once(child, 'spawn');
  writeFileSync(`${dir}/cgroup.procs`, String(child.pid));
  return child;
}

/** Runs `act` between two epoll waits. */
function inHandler(act: () => void): Promise<void> {
  return new Promise((resolve) => {
    const fd = eventfd();
    const source = sources.watch('the test', fd, 'counter', () => {
      source.close();
      act();
      resolve();
    });
    eventfdWrite(fd, 1);
  });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
}

test('a read while other notices are handled loses no notice', async () => {
  watch.add(GROUP, dir);
  const child = spawn('/bin/sleep', ['1000']);
  children.push(child);
  await once(child, 'spawn');
  // As the tree's handler does when a group may have got or lost files.
  await inHandler(() => {
    writeFileSync(`${dir}/cgroup.procs`, String(child.pid));
    expect(readFileSync(`${dir}/cgroup.events`, 'utf8')).toContain('populated 1');
    watch.add(GROUP, dir);
  });
  child.kill('SIGKILL');
  await until(() => emptied > 0);
  expect(emptied).toBe(1);
}, 20_000);

test('the end of a process that started before the watch is noticed', async () => {
  const child = await enter();
  watch.add(GROUP, dir);
  child.kill('SIGKILL');
  await until(() => emptied > 0);
  expect(emptied).toBe(1);
}, 20_000);

test('the end of a process that a tick saw is noticed, also if start and end were one notice', async () => {
  watch.add(GROUP, dir);
  const seenMs = monotonicMs();
  watch.seenPopulated(GROUP, seenMs);
  expect(emptied).toBe(1);
  // Once only: that tick began before the group was reported empty.
  watch.seenPopulated(GROUP, seenMs);
  expect(emptied).toBe(1);
  const child = await enter();
  watch.seenPopulated(GROUP, monotonicMs());
  child.kill('SIGKILL');
  await until(() => emptied > 1);
  expect(emptied).toBe(2);
}, 20_000);
