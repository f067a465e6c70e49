// What a write replaces: the parts of a file that it sets, compared with what its caller saw.
import { expect, test } from 'vitest';
import { findControlFile } from '../../../contract/control-files.ts';
import { mustReplace } from './replaced-value.ts';

const OOM = 'oom_kill_disable 0\nunder_oom 1\noom_kill 7';

function refusal(name: string, now: string, value: string, replaces: string) {
  const file = findControlFile(name);
  if (!file) throw new Error(name);
  try {
    mustReplace({ file, where: `/a/${name}`, now, value, replaces });
    return undefined;
  } catch (error) {
    return (error as { problem: object }).problem;
  }
}

test.each([
  ['pids.max', '300', '100', '300\n'],
  ['pids.max', '300', '300', '200'],
  ['memory.limit_in_bytes', '1073741824', '0', '1G'],
  ['memory.limit_in_bytes', '9223372036854771712', '0', 'max'],
  ['cpu.cfs_quota_us', '-1', '50000', 'max'],
  ['cpuset.cpus', '0-1', '0', '0-1'],
  ['cpuset.cpus', '', '0', ''],
  ['memory.oom_control', OOM, '1', '0'],
  ['memory.oom_control', OOM, '1', 'oom_kill_disable 0\nunder_oom 0\noom_kill 0'],
  ['cpu.max', 'max 100000', '50000', 'max'],
  ['cpu.max', 'max 100000', '50000', 'max 50000'],
  ['cpu.max', 'max 100000', '50000 20000', 'max 100000'],
  ['io.max', '', '8:0 wbps=1048576', ''],
  ['io.max', '', '8:0 wbps=1048576', '8:0 wbps=max'],
  ['io.max', '8:16 rbps=max wbps=5 riops=max wiops=max', '8:0 wbps=1', ''],
  ['io.max', '8:0 rbps=7 wbps=5 riops=max wiops=max', '8:0 wbps=max', '8:0 wbps=5'],
  ['io.max', '8:0 rbps=7 wbps=5 riops=max wiops=max', '8:0 wbps=1', '8:0 rbps=9 wbps=5 riops=max wiops=max'],
  ['io.max', '8:0 rbps=max wbps=1048576 riops=max wiops=max', '8:0 wbps=1', '8:0 wbps=1M'],
  ['io.weight', 'default 100\n8:0 50', '200', '100'],
  ['io.weight', 'default 100\n8:0 50', '8:0 70', 'default 300\n8:0 50'],
])('%s: over %j, %j may be written by who saw %j', (name, now, value, replaces) => {
  expect(refusal(name, now, value, replaces)).toBeUndefined();
});

test.each([
  ['pids.max', '300', '100', '200', '300', '200'],
  ['pids.max', '300', '100', '3', '300', '3'],
  ['memory.limit_in_bytes', '1073741824', '0', 'max', '1073741824', 'max'],
  ['cpuset.cpus', '', '0', '0-1', '', '0-1'],
  ['memory.oom_control', OOM, '1', '1', '0', '1'],
  ['memory.oom_control', OOM, '1', OOM.replace('0', '1'), '0', '1'],
  ['cpu.max', '20000 100000', '50000', 'max 100000', '20000', 'max'],
  ['cpu.max', 'max 100000', '50000 20000', 'max 50000', 'max 100000', 'max 50000'],
  ['io.max', '8:0 rbps=max wbps=5 riops=max wiops=max', '8:0 wbps=1', '', '8:0 wbps=5', '8:0 wbps=max'],
  ['io.max', '', '8:0 wbps=1', '8:0 wbps=5', '8:0 wbps=max', '8:0 wbps=5'],
  [
    'io.max',
    '8:0 rbps=7 wbps=5 riops=max wiops=max',
    '8:0 rbps=1 wbps=1',
    '8:0 rbps=6 wbps=5',
    '8:0 rbps=7\n8:0 wbps=5',
    '8:0 rbps=6\n8:0 wbps=5',
  ],
  ['io.max', '8:0 rbps=7 wbps=5 riops=max wiops=max', '8:0 rbps=1', 'anything', '8:0 rbps=7 wbps=5 riops=max wiops=max', 'anything'],
  ['io.weight', 'default 100\n8:0 50', '8:0 70', '8:0 60', '8:0 50', '8:0 60'],
])('%s: over %j, %j is not written by who saw %j', (name, now, value, replaces, is, was) => {
  expect(refusal(name, now, value, replaces)).toMatchObject({ code: 'changed', now: is, asked: was, file: `/a/${name}` });
  // What it answers is enough for another try.
  expect(refusal(name, now, value, is)).toBeUndefined();
});
