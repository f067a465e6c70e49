// The machine is what it claims to be, whatever is mounted in it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { modeOf, readHierarchies } from '../../server/agent/kernel/hierarchy/mounts.ts';

const [named, kernel, swap] = (process.env.CGDECK_TEST_MACHINE ?? '').split(/ on |, /);
const mode = named === 'systemd' ? 'v2' : named;
const V1_CONTROLLERS = ['blkio', 'cpu', 'cpuacct', 'cpuset', 'devices', 'freezer', 'memory', 'pids'];
const V2_CONTROLLERS = ['cpu', 'cpuset', 'io', 'memory', 'pids'];

const controllersOf = (version: 1 | 2): string[] =>
  readHierarchies()
    .filter((hierarchy) => hierarchy.version === version)
    .flatMap((hierarchy) => hierarchy.controllers)
    .sort();

test('the kernel', () => {
  expect(release()).toMatch(new RegExp(`^${kernel?.replaceAll('.', '\\.')}\\.`));
});

test('what is mounted', () => {
  expect(modeOf(readHierarchies())).toBe(mode);
  expect(controllersOf(1)).toEqual(mode === 'v2' ? [] : V1_CONTROLLERS);
  const unified = controllersOf(2);
  if (mode === 'v2') expect(unified).toEqual(expect.arrayContaining(V2_CONTROLLERS));
  else for (const name of V2_CONTROLLERS) expect(unified).not.toContain(name);
});

test('swap is on the second disk, or nowhere', () => {
  const [, ...areas] = readFileSync('/proc/swaps', 'utf8').trim().split('\n');
  expect(areas.map((line) => line.split(/\s/)[0])).toEqual(swap === 'with swap' ? ['/dev/vdb'] : []);
});

test('temporary files are on the third disk', () => {
  expect(readFileSync('/proc/self/mounts', 'utf8')).toContain(`/dev/vdc ${tmpdir()} ext4 rw,`);
});

test('the root is a layer over the host’s', () => {
  const root = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.split(' ')[1] === '/');
  expect(root.at(-1)).toContain(' overlay rw,');
});

test('process 1 is systemd where it is asked for, and has started what it was to start', () => {
  expect(readFileSync('/proc/1/comm', 'utf8') === 'systemd\n').toBe(named === 'systemd');
  if (named !== 'systemd') return;
  expect(execFileSync('systemctl', ['list-units', '--failed', '--plain', '--no-legend'], { encoding: 'utf8' })).toBe('');
});

test('each kind of pressure is measured', () => {
  for (const resource of ['cpu', 'io', 'memory']) expect(readFileSync(`/proc/pressure/${resource}`, 'utf8')).toMatch(/^some avg10=/);
});
