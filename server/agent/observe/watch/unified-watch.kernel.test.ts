// What the kernel notifies of a group's processes, and looks between two notices, on its real files.
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
let heard: boolean[];
let waiting: (() => void)[];

beforeEach(() => {
  const layout = new Layout(readHierarchies());
  if (!layout.unified) throw new Error('no unified hierarchy is mounted, and the tests need one');
  dir = layout.dir(layout.unified, GROUP);
  mkdirSync(dir);
  children = [];
  heard = [];
  waiting = [];
  sources = new Sources();
  watch = new UnifiedWatch(sources, {
    oom: () => {},
    threshold: () => {},
    state: () => {},
    populated: (_, populated) => {
      heard.push(populated);
      for (const wake of waiting.splice(0)) wake();
    },
  });
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

/** Runs between two waits for the kernel. */
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

test('a look while other notices are handled does not swallow what the kernel has to say', async () => {
  watch.add(GROUP, dir);
  const child = spawn('/bin/sleep', ['1000']);
  children.push(child);
  await once(child, 'spawn');
  // As the tree does in its handler when files of a group may have come or gone: nothing waits for the kernel meanwhile.
  await inHandler(() => {
    writeFileSync(`${dir}/cgroup.procs`, String(child.pid));
    expect(readFileSync(`${dir}/cgroup.events`, 'utf8')).toContain('populated 1');
    watch.add(GROUP, dir);
  });
  child.kill('SIGKILL');
  await until(() => heard.includes(false));
  expect(heard).toEqual([true, false]);
}, 20_000);

test('a process that came before the watch began is known to leave', async () => {
  const child = await enter();
  watch.add(GROUP, dir);
  child.kill('SIGKILL');
  await until(() => heard.includes(false));
  expect(heard).toEqual([false]);
}, 20_000);

test('one that a tick saw inside is known to leave, also where its coming and going were one notice', async () => {
  watch.add(GROUP, dir);
  const seenMs = monotonicMs();
  watch.seenInside(GROUP, seenMs);
  expect(heard).toEqual([false]);
  // And once: a tick that began before the group was last reported empty knows nothing new.
  watch.seenInside(GROUP, seenMs);
  expect(heard).toEqual([false]);
  const child = await enter();
  watch.seenInside(GROUP, monotonicMs());
  child.kill('SIGKILL');
  await until(() => heard.length > 2);
  expect(heard).toEqual([false, true, false]);
}, 20_000);
