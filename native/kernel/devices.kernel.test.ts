// Device rules as programs of the kernel: loaded, read back, replaced, removed, and tried from inside a group of the unified tree.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DeviceProgramError, devicePrograms, type KernelDeviceRule, removeDeviceRules, setDeviceRules } from '../libc/device-programs.ts';
import { buildDir } from '../libc/library.ts';

const EITHER = 0;
const BLOCK = 1;
const CHAR = 2;
const ANY = -1;
const MKNOD = 1;
const READ = 2;
const WRITE = 4;
const ALL = MKNOD | READ | WRITE;

const NULL_RULE: KernelDeviceRule = { type: CHAR, major: 1, minor: 3, access: ALL };
const ZERO_RULE: KernelDeviceRule = { type: CHAR, major: 1, minor: 5, access: READ };

const mountPoint = / (\/\S+) \S+(?: \S+)* - cgroup2 /.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1] ?? '';
let dir: string;
let number = 0;

beforeEach(() => {
  dir = join(mountPoint, `cgdeck-test-programs-${process.pid}-${++number}`);
  mkdirSync(dir);
});
afterEach(() => rmdirSync(dir));

/** What a shell inside prints when it opens devices: for each the errno's message or "opened". */
function open(how: '<' | '>' | '<>', device: string): string {
  const script = `echo $$ > '${dir}/cgroup.procs'; exec 3${how}${device} && echo opened`;
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
  return stdout.trim() || (/Operation not permitted/.test(stderr) ? 'EPERM' : stderr);
}

const rulesOf = async () => (await devicePrograms(dir)).map(({ name, ours, rules }) => ({ name, ours, rules }));

test('decide on what is opened inside, and nowhere else', async () => {
  await setDeviceRules(dir, [NULL_RULE, ZERO_RULE]);
  expect(open('<>', '/dev/null')).toBe('opened');
  expect(open('<', '/dev/zero')).toBe('opened');
  expect(open('>', '/dev/zero')).toBe('EPERM');
  expect(open('<', '/dev/full')).toBe('EPERM');
  closeSync(openSync('/dev/full', 'r'));
});

test('an empty list denies every device', async () => {
  await setDeviceRules(dir, []);
  expect(await rulesOf()).toEqual([{ name: 'cgdeck_dev', ours: true, rules: [] }]);
  expect(open('<', '/dev/null')).toBe('EPERM');
});

test('a rule for everything allows everything', async () => {
  const everything = { type: EITHER, major: ANY, minor: ANY, access: ALL };
  await setDeviceRules(dir, [everything]);
  expect(await rulesOf()).toEqual([{ name: 'cgdeck_dev', ours: true, rules: [everything] }]);
  expect(open('<', '/dev/full')).toBe('opened');
});

test('are replaced, so that one program is there, and come back as they were', async () => {
  for (const rules of [[NULL_RULE], [ZERO_RULE], [NULL_RULE, ZERO_RULE]]) {
    await setDeviceRules(dir, rules);
    expect(await rulesOf()).toEqual([{ name: 'cgdeck_dev', ours: true, rules }]);
  }
  expect(await removeDeviceRules(dir)).toBe(1);
  expect(await rulesOf()).toEqual([]);
  expect(open('<', '/dev/full')).toBe('opened');
  expect(await removeDeviceRules(dir)).toBe(0);
});

test('as many as a list may hold, with every kind of number, are taken by the verifier', async () => {
  const rules = Array.from({ length: 128 }, (_, i) => ({
    type: i % 2 === 0 ? BLOCK : CHAR,
    major: i === 0 ? 4095 : i,
    minor: i === 1 ? 2 ** 20 - 1 : i % 3 === 0 ? ANY : 0,
    access: (i % ALL) + 1,
  }));
  await setDeviceRules(dir, rules);
  expect(await rulesOf()).toEqual([{ name: 'cgdeck_dev', ours: true, rules }]);
});

describe('what is no rule is refused, and nothing is attached', () => {
  test.each<[string, KernelDeviceRule]>([
    ['a major number', { ...NULL_RULE, major: 4096 }],
    ['a minor number', { ...NULL_RULE, minor: 2 ** 20 }],
    ['another kind of any', { ...NULL_RULE, minor: -2 }],
    ['a type', { ...NULL_RULE, type: 3 }],
    ['no access', { ...NULL_RULE, access: 0 }],
    ['an access', { ...NULL_RULE, access: 8 }],
  ])('%s', async (_, rule) => {
    await expect(setDeviceRules(dir, [rule])).rejects.toMatchObject({ code: 'EINVAL', step: 'load' });
    expect(await rulesOf()).toEqual([]);
  });

  test('more of them than fit', async () => {
    await expect(
      setDeviceRules(
        dir,
        Array.from({ length: 129 }, () => NULL_RULE),
      ),
    ).rejects.toMatchObject({ code: 'EINVAL' });
  });
});

test('a group that does not exist, or is none, is refused', async () => {
  await expect(setDeviceRules(`${dir}/none`, [])).rejects.toMatchObject({ code: 'ENOENT', step: 'open' });
  await expect(setDeviceRules('/', [])).rejects.toSatisfy((error) => error instanceof DeviceProgramError && error.step !== 'load');
  await expect(devicePrograms(`${dir}/none`)).rejects.toMatchObject({ code: 'ENOENT', step: 'open' });
});

test.each([1, 20_261_125])('compiles and reads back whatever comes, under the sanitizers (seed %i)', (seed) => {
  const nativeDir = join(import.meta.dirname, '..');
  execFileSync('make', ['-s', '-C', nativeDir, 'build/asan/rules'], { stdio: ['ignore', 'ignore', 'inherit'] });
  expect(execFileSync(join(buildDir, 'asan', 'rules'), [String(seed), '100000'], { encoding: 'utf8' })).toMatch(/^\d+ of 100000\n$/);
});
