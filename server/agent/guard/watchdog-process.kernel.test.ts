// The watchdog as a process, as shipped and with sanitizers: what it takes, what it refuses, and what it needs.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { buildDir } from '../../../native/libc/library.ts';
import { KernelGroups } from '../fixtures/kernel-groups.ts';
import { patience, until } from './fixtures/guard-bench.ts';
import { WatchdogConnection } from './watchdog-connection.ts';

const LONG_MS = '3600000';
const SHORT_MS = '100';
const OURS = '50331648';
const builds = [
  { name: 'as shipped', target: 'all', binary: join(buildDir, 'cgdeck-watchdog') },
  { name: 'sanitized', target: 'asan', binary: join(buildDir, 'asan', 'cgdeck-watchdog') },
] as const;

describe.each(builds)('the watchdog, $name', ({ target, binary }) => {
  let groups: KernelGroups;
  let folder: string;
  let watchdog: ChildProcess;
  const connections: WatchdogConnection[] = [];
  const path = () => join(folder, 'watchdog.sock');
  const dir = (name: string) => {
    const hierarchy = groups.layout.ofController('memory') ?? groups.layout.unified;
    if (!hierarchy) throw new Error('no memory controller');
    return groups.layout.dir(hierarchy, `${groups.root}/${name}`);
  };
  const limit = () => (groups.layout.ofController('memory') ? 'memory.limit_in_bytes' : 'memory.high');
  const unlimited = () => (groups.layout.ofController('memory') ? '9223372036854771712' : 'max');
  const read = (name: string) => readFileSync(join(dir(name), limit()), 'utf8').trim();
  const inDir = (name: string) => ['dir', dir(name), String(statSync(dir(name)).ino)];
  const file = (name: string, restore = unlimited()) => [...inDir(name), 'file', limit(), restore, '', 'ours', OURS];

  beforeAll(() => {
    execFileSync('make', ['-s', '-C', join(buildDir, '..'), target], { stdio: ['ignore', 'ignore', 'inherit'] });
    groups = new KernelGroups('watchdog');
  });
  afterAll(() => groups.remove());

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cgdeck-test-watchdog-'));
    const options = `log_path=${join(folder, 'report')}`;
    watchdog = spawn(binary, [folder], { stdio: 'ignore', env: { NODE_ENV: 'test', ASAN_OPTIONS: options, UBSAN_OPTIONS: options } });
    await until(() => existsSync(path()));
  });
  afterEach(async () => {
    const ended = watchdog.exitCode === null ? once(watchdog, 'exit') : undefined;
    for (const connection of connections.splice(0)) await connection.close();
    watchdog.kill('SIGTERM');
    await ended;
    const reports = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    rmSync(folder, { recursive: true });
    expect([watchdog.exitCode, reports]).toEqual([0, []]);
  });

  async function agent(): Promise<WatchdogConnection> {
    // One that was just accepted and refused for the number of others is tried again.
    const connection = await vi.waitFor(() => WatchdogConnection.open(path()), patience);
    connections.push(connection);
    return connection;
  }

  function limited(name: string): string {
    groups.make(`${groups.root}/${name}`);
    writeFileSync(join(dir(name), limit()), OURS);
    return name;
  }

  const refused = (errno: string) => expect.objectContaining({ errno });

  test('gives back what its owner left, and ends', async () => {
    const group = limited('left');
    const one = await agent();
    await one.request('set', 'left', SHORT_MS, ...file(group));
    expect(read(group)).toBe(OURS);
    const ended = once(watchdog, 'exit');
    await one.close();
    await ended;
    expect(read(group)).toBe(unlimited());
    expect(existsSync(path())).toBe(false);
  });

  test('reports what it gave back to an owner that was silent', async () => {
    const group = limited('silent');
    const one = await agent();
    const returned: string[] = [];
    one.onReturned = (id) => returned.push(id);
    await one.request('set', 'silent', SHORT_MS, ...file(group));
    await until(() => returned.length > 0);
    expect([returned, read(group)]).toEqual([['silent'], unlimited()]);
  });

  test('gives back at once what its owner asks it to', async () => {
    const group = limited('asked');
    const one = await agent();
    const returned: string[] = [];
    one.onReturned = (id) => returned.push(id);
    await one.request('set', 'asked', LONG_MS, ...file(group));
    await one.request('return', 'asked');
    await until(() => returned.length > 0);
    expect(read(group)).toBe(unlimited());
  });

  test('takes no new record of a group from its owner while it gives that group back', async () => {
    const group = limited('returning');
    const usage = groups.layout.ofController('memory') ? 'memory.usage_in_bytes' : 'memory.current';
    const one = await agent();
    // No usage is below 0, so that it is tried for a minute.
    const fields = ['set', 'returning', LONG_MS, ...inDir(group), 'file', limit(), '0', usage, 'ours', OURS];
    await one.request(...fields);
    await one.request('return', 'returning');
    await expect(one.request(...fields)).rejects.toEqual(refused('EALREADY'));
    // An agent that takes over writes everything again.
    const next = await agent();
    await next.request(...fields);
    await next.request('drop', 'returning');
  });

  test('a record belongs to the agent that has set it last, and only that one may drop it', async () => {
    const group = limited('two');
    const [before, after] = [await agent(), await agent()];
    await before.request('set', 'two', LONG_MS, ...file(group));
    await after.request('set', 'two', SHORT_MS, ...file(group));
    await expect(before.request('drop', 'two')).rejects.toEqual(refused('ENOENT'));
    await after.close();
    await until(() => read(group) === unlimited());
    await expect(before.request('beat')).resolves.toBeUndefined();
  });

  test('a text that is not the guard’s stays, and a dropped record as well', async () => {
    const one = await agent();
    for (const name of ['changed', 'dropped', 'last']) await one.request('set', name, SHORT_MS, ...file(limited(name)));
    await one.request('drop', 'dropped');
    writeFileSync(join(dir('changed'), limit()), '65536000');
    await one.close();
    await until(() => read('last') === unlimited());
    expect([read('changed'), read('dropped')]).toEqual(['65536000', OURS]);
  });

  test('a group that was removed and made again is not touched', async () => {
    const one = await agent();
    for (const name of ['again', 'after']) await one.request('set', name, SHORT_MS, ...file(limited(name)));
    for (const hierarchy of groups.layout.hierarchies) rmdirSync(groups.layout.dir(hierarchy, `${groups.root}/again`));
    limited('again');
    await one.close();
    await until(() => read('after') === unlimited());
    expect(read('again')).toBe(OURS);
  });

  test('a hard limit is given back once it exceeds the usage, and the other files of the group at once', async () => {
    const group = limited('usage');
    const v1 = groups.layout.ofController('memory') !== undefined;
    const [usage, soft] = v1 ? ['memory.usage_in_bytes', 'memory.soft_limit_in_bytes'] : ['memory.current', 'memory.low'];
    const content = (name: string) => readFileSync(join(dir(group), name), 'utf8').trim();
    const script = `echo $$ > '${dir(group)}/cgroup.procs'; text=$(head -c 16000000 /dev/zero | tr '\\0' x); read line`;
    const inside = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'inherit'] });
    const ended = once(inside, 'exit');
    try {
      await until(() => Number(content(usage)) > 15_000_000);
      writeFileSync(join(dir(group), soft), '8192');
      const one = await agent();
      const hard = ['file', limit(), '8388608', usage, 'ours', OURS];
      await one.request('set', 'usage', SHORT_MS, ...inDir(group), ...hard, 'file', soft, '12288', '', 'ours', '8192');
      await one.close();
      await until(() => content(soft) === '12288');
      expect(read(group)).toBe(OURS);
    } finally {
      inside.stdin.end('\n');
      await ended;
    }
    await until(() => read(group) === '8388608');
  });

  test('refuses what is no group, another group, no record, and a name that leaves the group', async () => {
    const group = limited('strict');
    const one = await agent();
    const cases: [string, string[]][] = [
      ['ENOTTY', ['dir', folder, String(statSync(folder).ino), 'file', 'x', 'y', '', 'ours', 'z']],
      ['ESTALE', ['dir', dir(group), '1', 'file', limit(), 'y', '', 'ours', 'z']],
      ['ENOENT', ['dir', `${dir(group)}/missing`, '1', 'file', limit(), 'y', '', 'ours', 'z']],
      ['EINVAL', ['dir', 'relative', '1', 'file', limit(), 'y', '', 'ours', 'z']],
      ['EINVAL', ['file', limit(), 'y', '', 'ours', 'z']],
      ['EINVAL', [...inDir(group), 'ours', 'z']],
      ['EINVAL', [...inDir(group), 'file', `../${limit()}`, 'y', '', 'ours', 'z']],
      ['EINVAL', [...inDir(group), 'file', '..', 'y', '', 'ours', 'z']],
      ['EINVAL', [...inDir(group), 'file', limit(), 'y', '/etc/passwd', 'ours', 'z']],
      ['EINVAL', [...inDir(group), ...inDir(group), ...inDir(group), 'file', limit(), 'y', '', 'ours', 'z']],
      ['EINVAL', [...inDir(group), ...Array.from({ length: 9 }, () => ['file', limit(), 'y', '', 'ours', 'z']).flat()]],
      ['E2BIG', [...file(group), ...Array.from({ length: 500 }, () => ['ours', 'a text']).flat()]],
    ];
    for (const [errno, fields] of cases) await expect(one.request('set', 'x', LONG_MS, ...fields)).rejects.toEqual(refused(errno));
    for (const deadline of ['0', '-1', '3600001', '99999999999999999999', 'soon'])
      await expect(one.request('set', 'x', deadline, ...file(group))).rejects.toEqual(refused('EINVAL'));
    await expect(one.request('set', 'i'.repeat(32), LONG_MS, ...file(group))).rejects.toEqual(refused('EINVAL'));
    // No message at all disconnects.
    await expect(one.request('frob')).rejects.toEqual(refused('ECONNRESET'));
  });

  test('a second one for the folder ends at once; one whose folder is not there reports why', async () => {
    expect(await once(spawn(binary, [folder], { stdio: 'ignore' }), 'exit')).toEqual([0, null]);
    expect(await once(spawn(binary, [join(folder, 'missing')], { stdio: 'ignore' }), 'exit')).toEqual([2, null]);
    await (await agent()).request('beat');
  });

  test('is open to its own user only, with a session, priority and memory of its own', async () => {
    const { pid } = await agent();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    expect(status).toContain('Name:\tcgdeck-watchdog\n');
    expect(/^NSsid:\t.*?(\d+)$/m.exec(status)?.[1]).toBe(String(pid));
    if (target === 'all') expect(Number(/^VmLck:\s+(\d+) kB$/m.exec(status)?.[1])).toBeGreaterThan(0);
    // Without CAP_SYS_RESOURCE the score can only be raised.
    const mayLower = (BigInt(`0x${/^CapEff:\t(\w+)$/m.exec(status)?.[1]}`) >> 24n) & 1n;
    if (mayLower) expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8')).toBe('-1000\n');
  });

  test('keeps 500 guards in less than 1 MiB of memory, refuses more than it can keep, and gives all back', async () => {
    const one = await agent();
    const names = Array.from({ length: 10 }, (_, index) => limited(`many${index}`));
    const raised = Array.from({ length: 8 }, (_, index) => ['ours', String(10 ** 11 + index)]).flat();
    const set = (index: number) => {
      const name = names[index % names.length] ?? '';
      return one.request(
        'set',
        String(2 ** 40 + index),
        LONG_MS,
        ...file(name),
        ...raised,
        ...['file', 'memory.oom_control', '0', '', 'ours', 'oom_kill_disable 1'],
      );
    };
    for (let index = 0; index < 500; index++) await set(index);
    const { pid } = one;
    if (target === 'all') expect(Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])).toBeLessThan(1024);
    let kept = 500;
    while (
      kept < 2000 &&
      (await set(kept).then(
        () => true,
        () => false,
      ))
    )
      kept++;
    expect(kept).toBeLessThanOrEqual(1024);
    await expect(set(kept)).rejects.toEqual(refused('ENOSPC'));
    await set(0);
    await one.close();
    watchdog.kill('SIGTERM');
    await until(() => names.every((name) => read(name) === unlimited()));
  });

  test('survives what is no message', async () => {
    const group = limited('hostile');
    const one = await agent();
    await one.request('set', 'kept', LONG_MS, ...file(group));
    const random = generator(Number(process.env.CGDECK_SEED ?? 1));
    const words = [
      ...file(group),
      'set',
      'drop',
      'return',
      'beat',
      'dir',
      'file',
      'ours',
      '',
      '0',
      '100',
      'kept',
      'odd',
      '/',
      '..',
      'x'.repeat(5000),
    ];
    const pick = (from: readonly string[]) => from[random(from.length)] ?? '';
    for (let round = 0; round < 300; round++) {
      const socket = connect(path()).on('error', () => {});
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const count = 1 + random(20);
      for (let index = 0; index < count; index++) {
        const fields = random(2) === 0 ? file(group) : Array.from({ length: random(12) }, () => pick(words));
        for (let changes = random(4); changes > 0; changes--) fields.splice(random(fields.length), random(3), pick(words));
        const text = fields.map((field) => `${field}\0`).join('');
        const body = Buffer.from(random(3) === 0 ? text : `set\0odd\0${LONG_MS}\0${text}`);
        for (let flips = random(4); flips > 0 && body.length > 0; flips--) if (random(8) === 0) body[random(body.length)] = random(256);
        const header = Buffer.alloc(4);
        header.writeUInt32LE(random(20) === 0 ? random(2 ** 32) : body.length);
        const bytes = Buffer.concat([header, body]);
        socket.write(random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes);
      }
      socket.end();
      socket.resume();
      await closed;
    }
    await one.request('drop', 'kept');
    expect(read(group)).toBe(OURS);
  });
});

/** xorshift32: the same bytes for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
