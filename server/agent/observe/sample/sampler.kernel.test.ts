// What a tick reads of groups at rest, counted in files, on the real kernel.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { columnsOf } from '../../../contract/columns.ts';
import { GroupMirror } from '../../../contract/mirror.ts';
import { KernelGroups } from '../../fixtures/kernel-groups.ts';
import { type Group, GroupTree } from '../../kernel/hierarchy/group-tree.ts';
import { Members } from '../watch/members.ts';
import { Sampler } from './sampler.ts';

const EMPTY = 20;
const INHABITED = 5;
const TICK_MS = 1000;

let groups: KernelGroups;
let tree: GroupTree;
let sampler: Sampler;
let mirror: GroupMirror;
let nowMs: number;
const children: ChildProcess[] = [];

beforeEach(async () => {
  groups = new KernelGroups('sampler');
  nowMs = 0;
  for (let i = 0; i < EMPTY; i++) groups.make(`${groups.root}/empty${i}`);
  for (let i = 0; i < INHABITED; i++) await sleeper(groups.make(`${groups.root}/inhabited${i}`));
  mirror = new GroupMirror();
  sampler = new Sampler({
    layout: groups.layout,
    sources: { reaches: () => true },
    known: (gid) => mirror.groups.get(gid)?.readings,
    members: new Members(groups.layout),
    noticesTasks: () => true,
    nowMs: () => nowMs,
  });
  // The root group is always busy.
  const changed = (group: Group) => (group.path === '/' ? undefined : sampler.changed(group));
  tree = new GroupTree(groups.layout, { watch: () => {}, unwatch: () => {} }, { added: changed, changed, removed: () => {} });
  for (const hierarchy of groups.layout.hierarchies) tree.appeared(hierarchy, groups.root);
  await tree.settled();
});

afterEach(async () => {
  for (const group of [...tree.all()]) sampler.remove(group);
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await vi.waitFor(() => groups.remove(), 60_000);
});

async function sleeper(group: string): Promise<void> {
  const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  for (const hierarchy of groups.layout.hierarchies)
    writeFileSync(`${groups.layout.dir(hierarchy, group)}/cgroup.procs`, String(child.pid));
  // It reads files, and then sleeps.
  await vi.waitFor(() => expect(readFileSync(`/proc/${child.pid}/wchan`, 'utf8')).toMatch(/nanosleep|^0$/), 60_000);
}

/** The groups that are read: the test's root and those below. */
const all = () => [...tree.within(groups.root)];

/** @returns how many files one tick reads */
async function tick(passedMs: number): Promise<number> {
  nowMs += passedMs;
  const before = sampler.reads;
  const changes = await sampler.read();
  mirror.apply({
    ...{ host: '', epoch: '', seq: (mirror.head?.seq ?? 0) + 1, timeMs: 0, monoMs: nowMs, full: !mirror.head },
    tick: { intervalMs: TICK_MS, durationMs: 0, late: 0 },
    groups: mirror.head
      ? []
      : [...all()].map(({ gid, path, inode }) => ({ gid, path, inode, managed: true, self: false, controllers: [] })),
    removed: [],
    columns: columnsOf(changes),
  });
  return sampler.reads - before;
}

/** Two equal ticks in a row: what ran while the groups were made has been counted. */
async function untilAtRest(): Promise<number> {
  for (let last = await tick(0), now = await tick(0); ; last = now, now = await tick(0)) if (last === now && now < 50) return now;
}

test('at rest a tick reads one file of each group with tasks or with such groups below, and none of the others', async () => {
  expect(await tick(0)).toBeGreaterThan((EMPTY + INHABITED) * 10);
  expect(await untilAtRest()).toBe(INHABITED + 1);
});

test('in ten seconds each group has its turn, of what changes without its tasks, and of all once in a minute', async () => {
  const first = await tick(0);
  const witnesses = await untilAtRest();
  /** What turns read in a minute from now on, and the most that one tick reads. */
  const minute = async (): Promise<{ sum: number; most: number }> => {
    const counts: number[] = [];
    for (let passed = 0; passed < 60_000; passed += TICK_MS) counts.push((await tick(TICK_MS)) - witnesses);
    for (const { gid, path } of all()) expect(sampler.ageMs(gid), path).toBeLessThan(60_000);
    return { sum: counts.reduce((a, b) => a + b, 0), most: Math.max(...counts) };
  };
  // In its first turn each is read in full.
  await minute();
  const { sum, most } = await minute();
  // Of all files that are there: 5 turns of at most 3 files and 3 of pressure, and one turn in full.
  const perGroup = first / all().length;
  expect(sum).toBeLessThanOrEqual(all().length * (5 * 6 + perGroup));
  expect(most).toBeLessThan(sum / 5);
});

test('a group that is looked at is read whole at each tick, and one whose task runs is from then on', async () => {
  await tick(0);
  const witnesses = await untilAtRest();
  const one = tree.get(`${groups.root}/empty0`);
  sampler.follow(one?.gid ?? -1);
  expect(await tick(0)).toBeGreaterThan(witnesses + 5);
  expect(await tick(0)).toBeGreaterThan(witnesses + 5);
  expect(sampler.ageMs(one?.gid ?? -1)).toBe(0);
});

test('a kill somewhere: the counters of all groups are read once', async () => {
  await tick(0);
  const witnesses = await untilAtRest();
  sampler.countKills();
  expect(await tick(0)).toBe(witnesses + EMPTY + INHABITED + 1);
  expect(await tick(0)).toBe(witnesses);
});
