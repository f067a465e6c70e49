// Which processes were in which group a moment ago, with a test clock.
import { beforeEach, expect, test } from 'vitest';
import { Layout } from '../../kernel/hierarchy/layout.ts';
import { Members } from './members.ts';

const layout = new Layout([{ mountPoint: '/nowhere/memory', version: 1, controllers: ['memory'] }]);
/** A pid that no process has. */
const COMM = 'no such program';

let nowMs: number;
let members: Members;

beforeEach(() => {
  nowMs = 0;
  members = new Members(layout, () => nowMs);
});

const list = (group: string, ...pids: number[]) =>
  members.listed(group, members.path(group) ?? '', Buffer.from(pids.map((pid) => `${pid}\n`).join('')));
const groupOf = (pid: number) => members.groupOf(pid, COMM);

test('a process that left is known for some seconds more', () => {
  list('/a', 11, 12);
  list('/a', 12);
  nowMs = 9_000;
  list('/a', 12);
  expect([groupOf(11), groupOf(12), groupOf(13)]).toEqual(['/a', '/a', undefined]);
  nowMs = 11_000;
  list('/a', 12);
  expect([groupOf(11), groupOf(12)]).toEqual([undefined, '/a']);
});

test('a process that moved is in its new group, also after its old group is read', () => {
  list('/a', 11);
  list('/b', 11);
  list('/a');
  nowMs = 60_000;
  list('/a');
  expect(groupOf(11)).toBe('/b');
  list('/a', 11);
  expect(groupOf(11)).toBe('/a');
});

test('a process that left and came back stays known', () => {
  list('/a', 11);
  list('/a');
  list('/a', 11);
  nowMs = 60_000;
  list('/a', 11);
  expect(groupOf(11)).toBe('/a');
});

test('a launched process is known at once', () => {
  members.entered('/a', 11);
  expect(groupOf(11)).toBe('/a');
});

test('a removed group and its members are known for some seconds', () => {
  list('/a', 11);
  members.removed('/a');
  nowMs = 9_000;
  expect([members.wasRemovedLately('/a'), groupOf(11)]).toEqual([true, '/a']);
  nowMs = 11_000;
  members.removed('/b');
  expect([members.wasRemovedLately('/a'), members.wasRemovedLately('/b'), groupOf(11)]).toEqual([false, true, undefined]);
});

test('the list of another hierarchy is ignored', () => {
  members.listed('/a', '/nowhere/cpu/a/cgroup.procs', Buffer.from('11\n'));
  expect(groupOf(11)).toBeUndefined();
});

test('reading a removed group does no harm', () => {
  members.refresh('/gone');
  expect(members.groupOf(process.pid, COMM)).toBeUndefined();
});
