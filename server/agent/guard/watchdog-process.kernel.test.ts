// The watchdog as a process, as shipped and with sanitizers: what it takes, what it refuses, and what it needs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attributeOf, setAttribute } from '../../../native/libc/attributes.ts';
import { until } from './fixtures/guard-bench.ts';
import { describeWatchdog, LONG_MS, OURS, refused } from './fixtures/watchdog-bench.ts';
import { MARK, THEIRS } from './freeze-mark.ts';

const SHORT_MS = '100';

describeWatchdog('the watchdog', (bench) => {
  test('gives back what its owner left, and ends', async () => {
    const group = bench.limited('left');
    const one = await bench.agent();
    await one.request('set', 'left', SHORT_MS, ...bench.file(group));
    const ended = once(bench.watchdog, 'exit');
    await one.close();
    await ended;
    expect(bench.read(group)).toBe(bench.unlimited);
    expect(existsSync(bench.path)).toBe(false);
  });

  test('reports what it gave back to an owner that was silent', async () => {
    const group = bench.limited('silent');
    const one = await bench.agent();
    const returned: string[] = [];
    one.onReturned = (id) => returned.push(id);
    await one.request('set', 'silent', SHORT_MS, ...bench.file(group));
    await until(() => returned.length > 0);
    expect([returned, bench.read(group)]).toEqual([['silent'], bench.unlimited]);
  });

  test('gives back at once what its owner asks it to', async () => {
    const group = bench.limited('asked');
    const one = await bench.agent();
    const returned: string[] = [];
    one.onReturned = (id) => returned.push(id);
    await one.request('set', 'asked', LONG_MS, ...bench.file(group));
    await one.request('return', 'asked');
    await until(() => returned.length > 0);
    expect(bench.read(group)).toBe(bench.unlimited);
  });

  test('takes no new record of a group from its owner while it gives that group back', async () => {
    const group = bench.limited('returning');
    const usage = bench.groups.layout.ofController('memory') ? 'memory.usage_in_bytes' : 'memory.current';
    const one = await bench.agent();
    // No usage is below 0, so that it is tried for a minute.
    const fields = ['set', 'returning', LONG_MS, ...bench.inDir(group), 'file', bench.limit, '0', usage, 'ours', OURS];
    await one.request(...fields);
    await one.request('return', 'returning');
    await expect(one.request(...fields)).rejects.toEqual(refused('EALREADY'));
    // An agent that takes over writes everything again.
    const next = await bench.agent();
    await next.request(...fields);
    await next.request('drop', 'returning');
  });

  test('a record belongs to the agent that has set it last, and only that one may drop it', async () => {
    const group = bench.limited('two');
    const [before, after] = [await bench.agent(), await bench.agent()];
    await before.request('set', 'two', LONG_MS, ...bench.file(group));
    await after.request('set', 'two', SHORT_MS, ...bench.file(group));
    await expect(before.request('drop', 'two')).rejects.toEqual(refused('ENOENT'));
    await after.close();
    await until(() => bench.read(group) === bench.unlimited);
    await expect(before.request('beat')).resolves.toBeUndefined();
  });

  test('a text that is not the guard’s stays, and a dropped record as well', async () => {
    const one = await bench.agent();
    const files = new Map(['changed', 'dropped', 'last'].map((name) => [name, bench.file(bench.limited(name))]));
    for (const [name, file] of files) await one.request('set', name, LONG_MS, ...file);
    await one.request('drop', 'dropped');
    writeFileSync(join(bench.dir('changed'), bench.limit), '65536000');
    for (const name of ['changed', 'last']) await one.request('set', name, SHORT_MS, ...(files.get(name) ?? []));
    await one.close();
    await until(() => bench.read('last') === bench.unlimited);
    expect([bench.read('changed'), bench.read('dropped')]).toEqual(['65536000', OURS]);
  });

  test('a file with the mark of others stays; without one it is given back, and has it from then on', async () => {
    const one = await bench.agent();
    const fileOf = (name: string) => join(bench.dir(name), bench.limit);
    const files = new Map(['theirs', 'unmarked', 'ours'].map((name) => [name, bench.file(bench.limited(name))]));
    setAttribute(fileOf('theirs'), MARK, THEIRS);
    setAttribute(fileOf('ours'), MARK, 'guard');
    for (const [name, file] of files) await one.request('set', name, SHORT_MS, ...file, 'mark', MARK, THEIRS);
    await one.close();
    await until(() => bench.read('ours') === bench.unlimited && bench.read('unmarked') === bench.unlimited);
    expect(bench.read('theirs')).toBe(OURS);
    await until(() => attributeOf(fileOf('ours'), MARK) === THEIRS && attributeOf(fileOf('unmarked'), MARK) === THEIRS);
  });

  test('a group that was removed and made again is not touched', async () => {
    const one = await bench.agent();
    for (const name of ['again', 'after']) await one.request('set', name, SHORT_MS, ...bench.file(bench.limited(name)));
    for (const hierarchy of bench.groups.layout.hierarchies) rmdirSync(bench.groups.layout.dir(hierarchy, `${bench.groups.root}/again`));
    bench.limited('again');
    await one.close();
    await until(() => bench.read('after') === bench.unlimited);
    expect(bench.read('again')).toBe(OURS);
  });

  test('a hard limit is given back once it exceeds the usage, and the other files of the group at once', async () => {
    const group = bench.limited('usage');
    const v1 = bench.groups.layout.ofController('memory') !== undefined;
    const [usage, soft] = v1 ? ['memory.usage_in_bytes', 'memory.soft_limit_in_bytes'] : ['memory.current', 'memory.low'];
    const content = (name: string) => readFileSync(join(bench.dir(group), name), 'utf8').trim();
    const script = `echo $$ > '${bench.dir(group)}/cgroup.procs'; text=$(head -c 16000000 /dev/zero | tr '\\0' x); read line`;
    // First of all: without an agent the watchdog ends, and the program takes its time on a slow machine.
    const one = await bench.agent();
    const inside = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = once(inside, 'exit');
    try {
      await until(() => Number(content(usage)) > 15_000_000);
      writeFileSync(join(bench.dir(group), soft), '8192');
      const hard = ['file', bench.limit, '8388608', usage, 'ours', OURS];
      await one.request('set', 'usage', SHORT_MS, ...bench.inDir(group), ...hard, 'file', soft, '12288', '', 'ours', '8192');
      await one.close();
      await until(() => content(soft) === '12288');
      expect(bench.read(group)).toBe(OURS);
    } finally {
      inside.stdin.end('\n');
      await ended;
    }
    await until(() => bench.read(group) === '8388608');
  });

  test('refuses what is no group, another group, no record, and a name that leaves the group', async () => {
    const group = bench.limited('strict');
    const one = await bench.agent();
    const cases: [string, string[]][] = [
      ['ENOTTY', ['dir', bench.folder, String(statSync(bench.folder).ino), 'file', 'x', 'y', '', 'ours', 'z']],
      ['ESTALE', ['dir', bench.dir(group), '1', 'file', bench.limit, 'y', '', 'ours', 'z']],
      ['ENOENT', ['dir', `${bench.dir(group)}/missing`, '1', 'file', bench.limit, 'y', '', 'ours', 'z']],
      ['EINVAL', ['dir', 'relative', '1', 'file', bench.limit, 'y', '', 'ours', 'z']],
      ['EINVAL', ['file', bench.limit, 'y', '', 'ours', 'z']],
      ['EINVAL', [...bench.inDir(group), 'ours', 'z']],
      ['EINVAL', [...bench.inDir(group), 'mark', 'user.x', 'z']],
      ['EINVAL', [...bench.file(group), 'mark', 'user.x']],
      ['EINVAL', [...bench.inDir(group), 'file', `../${bench.limit}`, 'y', '', 'ours', 'z']],
      ['EINVAL', [...bench.inDir(group), 'file', '..', 'y', '', 'ours', 'z']],
      ['EINVAL', [...bench.inDir(group), 'file', bench.limit, 'y', '/etc/passwd', 'ours', 'z']],
      ['EINVAL', [...bench.inDir(group), ...bench.inDir(group), ...bench.inDir(group), 'file', bench.limit, 'y', '', 'ours', 'z']],
      ['EINVAL', [...bench.inDir(group), ...Array.from({ length: 9 }, () => ['file', bench.limit, 'y', '', 'ours', 'z']).flat()]],
      ['E2BIG', [...bench.file(group), ...Array.from({ length: 500 }, () => ['ours', 'a text']).flat()]],
    ];
    for (const [errno, fields] of cases) await expect(one.request('set', 'x', LONG_MS, ...fields)).rejects.toEqual(refused(errno));
    for (const deadline of ['0', '-1', '3600001', '99999999999999999999', 'soon'])
      await expect(one.request('set', 'x', deadline, ...bench.file(group))).rejects.toEqual(refused('EINVAL'));
    await expect(one.request('set', 'i'.repeat(32), LONG_MS, ...bench.file(group))).rejects.toEqual(refused('EINVAL'));
    // No message at all disconnects.
    await expect(one.request('frob')).rejects.toEqual(refused('ECONNRESET'));
  });

  test('a second one for the folder ends at once; one whose folder is not there reports why', async () => {
    expect(await once(spawn(bench.binary, [bench.folder], { stdio: 'ignore' }), 'exit')).toEqual([0, null]);
    expect(await once(spawn(bench.binary, [join(bench.folder, 'missing')], { stdio: 'ignore' }), 'exit')).toEqual([2, null]);
    await (await bench.agent()).request('beat');
  });

  test('is open to its own user only, with a session, priority and memory of its own', async () => {
    const { pid } = await bench.agent();
    expect(statSync(bench.path).mode & 0o777).toBe(0o600);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toContain('Name:\tcgdeck-watchdog\n');
    expect(/^NSsid:\t.*?(\d+)$/m.exec(status)?.[1]).toBe(String(pid));
    if (bench.target === 'all') expect(Number(/^VmLck:\s+(\d+) kB$/m.exec(status)?.[1])).toBeGreaterThan(0);
    // Without CAP_SYS_RESOURCE the score can only be raised.
    const mayLower = (BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(status)?.[1]}`) >> 24n) & 1n;
    if (mayLower) expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('-1000\n');
  });
});
