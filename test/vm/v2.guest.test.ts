// What the kernel of a v2 machine can do, which cgdeck builds on there: each in a group of its own.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const PROBE = join(import.meta.dirname, 'build', 'probe');
const MIB = 1024 * 1024;
const run = promisify(execFile);
const patience = { timeout: 100_000, interval: 20 };
let name: string;
let group: string;
let made = 0;

const file = (of: string): string => join(group, of);
const read = (of: string): string => readFileSync(file(of), 'utf8').trim();
const set = (of: string, value: string): void => writeFileSync(file(of), value);

/** A counter in a file of lines "name value". */
function counter(of: string, key: string): number {
  const line = read(of)
    .split('\n')
    .find((each) => each.startsWith(`${key} `));
  return Number(line?.split(' ')[1]);
}

/** A shell that enters the group before it runs the script. */
const inGroup = (script: string): [string, string[]] => ['bash', ['-c', `echo $$ > ${file('cgroup.procs')}; ${script}`]];

beforeEach(() => {
  name = `cgdeck-test-machine-${process.pid}-${made++}`;
  group = `/sys/fs/cgroup/${name}`;
  mkdirSync(group);
});
afterEach(async () => {
  set('cgroup.kill', '1');
  await vi.waitFor(() => rmdirSync(group), patience);
});

test('a group has the files of every controller', () => {
  const files = [
    'cgroup.kill',
    'cgroup.freeze',
    'cpu.max',
    'cpu.weight',
    'cpuset.cpus',
    'io.max',
    'memory.high',
    'memory.max',
    'memory.swap.max',
    'pids.max',
  ];
  const pressure = ['cpu.pressure', 'io.pressure', 'memory.pressure'];
  expect([...files, ...pressure].filter((each) => !existsSync(file(each)))).toEqual([]);
});

test('cgroup.kill ends the processes inside, and inotify reports it', async () => {
  const sleeper = spawn(...inGroup('echo inside; exec sleep infinity'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise<string | null>((resolve) => sleeper.on('exit', (_, signal) => resolve(signal)));
  await new Promise((resolve) => sleeper.stdout.once('data', resolve));
  expect(counter('cgroup.events', 'populated')).toBe(1);
  const watcher = watch(file('cgroup.events'));
  const changed = new Promise((resolve) => watcher.once('change', resolve));
  try {
    set('cgroup.kill', '1');
    expect(await gone).toBe('SIGKILL');
    await changed;
  } finally {
    watcher.close();
  }
  await vi.waitFor(() => expect(counter('cgroup.events', 'populated')).toBe(0), patience);
});

// In a machine without swap it passes too, but the kernel holds it up at memory.high for minutes.
test('memory.high is counted, and swap takes what does not fit', async () => {
  set('memory.high', String(4 * MIB));
  const { stdout } = await run(...inGroup('head -c 12M /dev/zero | tail -c 12M | wc -c'));
  expect(Number(stdout)).toBe(12 * MIB);
  expect(counter('memory.events', 'high')).toBeGreaterThan(0);
  expect(counter('memory.stat', 'pgsteal')).toBeGreaterThan(0);
});

test('memory.max without swap has a victim', async () => {
  set('memory.max', String(16 * MIB));
  set('memory.swap.max', '0');
  // One process only, so that there is no choice of a victim.
  const one = run(...inGroup('exec dd if=/dev/zero of=/dev/null bs=64M count=1'));
  await expect(one).rejects.toMatchObject({ signal: 'SIGKILL' });
  expect(counter('memory.events', 'oom_kill')).toBe(1);
});

test('io.max holds writes to a disk up', async () => {
  const { rdev } = statSync('/dev/vda');
  // As gnu_dev_major and gnu_dev_minor take it apart, for small numbers.
  const disk = `${(rdev >> 8) & 0xfff}:${rdev & 0xff}`;
  set('io.max', `${disk} wbps=${2 * MIB}`);
  expect(read('io.max')).toBe(`${disk} rbps=max wbps=${2 * MIB} riops=max wiops=max`);
  await run(...inGroup('dd if=/dev/zero of=/dev/vda bs=1M count=4 oflag=direct status=none'));
  expect(read('io.stat')).toContain(`wbytes=${4 * MIB}`);
  expect(Number(/total=(\d+)/.exec(read('io.pressure'))?.[1])).toBeGreaterThan(0);
});

test('a pressure trigger is taken', () => {
  expect(() => set('memory.pressure', 'some 150000 1000000')).not.toThrow();
  expect(() => set('memory.pressure', 'some 150000 1')).toThrow('EINVAL');
});

test('a process starts inside the group, and a BPF program decides on its devices', async () => {
  const { stdout } = await run(PROBE, [group]);
  expect(stdout.trim().split('\n')).toEqual([`0::/${name}`, 'opened', 'EPERM']);
});
