// A launch through the agent on the real kernel: namespaces, groups, arguments, output, exit, stop, refusals, templates.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { CallInput } from '../contract/calls.ts';
import type { OutputChunk } from '../contract/launched.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('launch');
const MIB = 1024 * 1024;
/** linux/capability.h */
const CAP_SYS_RESOURCE = 1n << 24n;

const textOf = (chunks: readonly OutputChunk[]) => chunks.map(({ text }) => text).join('');
const sh = (script: string) => ['/bin/sh', '-c', script];
const _sleeps = sh('exec sleep 1000');

const launched = async (group: string) => (await agent.call('group', { path: group })).launched;

describe('a launch', () => {
  test('a launch runs in its namespaces and groups, and its exit is reported', async () => {
    const limit = agent.kernel.file('memory-hard-limit');
    const answer = await agent.call('launch', {
      name: 'hello',
      argv: ['/bin/sh', '-c', 'echo "pid $$ on $(cat /proc/sys/kernel/hostname)"; read x < /dev/zero; exit 3'],
      hostname: 'inside',
      limits: { [limit]: '64M' },
    });
    expect(answer.group).toBe(`${agent.root}/hello`);
    expect(answer.limits).toEqual({ [limit]: String(64 * MIB) });
    const { processes } = await agent.call('processes', { group: answer.group });
    const process_ = processes.find(({ pid }) => pid === answer.pid);
    expect(process_?.pidInside).toBe(2);
    for (const kind of ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user']) expect(process_?.namespaces[kind]?.own, kind).toBe(true);
    for (const pids of agent.kernel.members(answer.group)) expect(pids).toContain(answer.pid);
    await agent.printed(answer.group, 'on inside');
    expect(await agent.output(answer.group)).toBe('pid 2 on inside\n');
    await agent.call('kill', { pid: answer.pid, signal: 'SIGKILL' });
    expect(await agent.event('exit', answer.group)).toMatchObject({ pid: answer.pid, signal: 'SIGKILL' });
    expect((await agent.call('group', { path: answer.group })).launched?.exit?.signal).toBe('SIGKILL');
    // The name is free again.
    const second = await agent.call('launch', { name: 'hello', argv: ['/bin/true'] });
    expect(await agent.event('exit', answer.group, ({ pid }) => pid === second.pid)).toMatchObject({ code: 0 });
  });

  test.each([
    ['a program that does not exist', ['/no/such/program'], 'ENOENT'],
    ['one that is not executable', ['/etc/passwd'], 'EACCES'],
    ['a folder', ['/etc'], 'EACCES'],
  ])('%s is refused with the step, and nothing is left', async (_, argv, errno) => {
    const problem = await agent.refused('launch', { name: 'bad', argv });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno });
    expect(problem.detail).toContain('exec');
    expect(agent.kernel.where(`${agent.root}/bad`)).toEqual([]);
  });

  test('as many open files as the machine allows, and no more: the refusal has the limit’s name and what bounds it', async () => {
    const most = Number(readFileSync('/proc/sys/fs/nr_open', 'utf8'));
    // Without CAP_SYS_RESOURCE, as in some containers, cgdeck's own limit is the most.
    const own = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    const mayRaise = (BigInt(`0x${/^CapEff:\s(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`) & CAP_SYS_RESOURCE) !== 0n;
    const allowed = mayRaise ? String(most) : own;
    const launch = (hard: number | 'max') => ({
      name: 'files',
      argv: sh('ulimit -Sn; ulimit -Hn'),
      rlimits: { nofile: { soft: hard, hard } },
    });
    expect(await agent.run(launch('max'))).toMatchObject({ code: 0, text: `${allowed}\n${allowed}\n` });
    for (const hard of [most + 1, Math.max(2_000_000, most + 2)]) {
      const problem = await agent.refused('launch', launch(hard));
      expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'EPERM', asked: 'rlimits' });
      expect(problem.detail).toContain(`nofile ${hard} ${hard}`);
      expect(problem.detail).toContain(`fs.nr_open, which is ${most}`);
    }
    expect(agent.kernel.where(`${agent.root}/files`)).toEqual([]);
  });

  test('an argument list that is too long for the kernel', async () => {
    const argv = ['/bin/echo', ...Array.from({ length: 40 }, () => 'x'.repeat(100_000))];
    const problem = await agent.refused('launch', { name: 'huge', argv });
    expect(problem.code).toBe('kernel_refused');
    expect(problem.errno).toBe('E2BIG');
    expect(agent.kernel.where(`${agent.root}/huge`)).toEqual([]);
  });

  test('arguments with quotes, newlines or no text arrive byte for byte', async () => {
    const argv = ['/bin/sh', '-c', 'printf "[%s]" "$@"', '-', "it's", 'a\nb', '', '"', '$x `y`'];
    const { group, pid } = await agent.call('launch', { name: 'args', argv });
    await agent.event('exit', group, (event) => event.pid === pid);
    expect(await agent.output(group)).toBe('[it\'s][a\nb][]["][$x `y`]');
  });

  test('a program that ends at once is launched, and its exit reported', async () => {
    const { group, pid } = await agent.call('launch', { name: 'brief', argv: ['/bin/false'] });
    const exit = await agent.event('exit', group);
    expect(exit).toMatchObject({ pid, code: 1 });
    expect(exit.late).toBeUndefined();
    expect((await agent.refused('output', { group: agent.root })).code).toBe('not_found');
  });

  test('the name of a running launch is refused', async () => {
    await agent.call('launch', { name: 'twice', argv: ['/bin/sleep', '100'] });
    expect((await agent.refused('launch', { name: 'twice', argv: ['/bin/true'] })).code).toBe('conflict');
    for (const name of ['..', 'a/b', '', 'x'.repeat(300), 'a\nb'])
      expect((await agent.refused('launch', { name, argv: ['/bin/true'] })).code).toBe('invalid');
    expect((await agent.refused('launch', { name: 'n', argv: [] })).code).toBe('invalid');
    expect((await agent.refused('launch', { name: 'n', argv: ['a\0b'] })).code).toBe('invalid');
  });
});

describe('the record of a launch', () => {
  test('an operator gets the whole request, a viewer gets it without the environment', async () => {
    const request = { name: 'x', argv: sh('exit 0'), env: { SECRET: 'word' }, hostname: 'deck', nice: 5, umask: '027' };
    const { group } = await agent.call('launch', request);
    expect(await agent.call('launchRequest', { group })).toMatchObject(request);
    expect(await agent.refused('launchRequest', { group }, 'viewer')).toMatchObject({ code: 'forbidden' });
    const view = await agent.call('group', { path: group }, 'viewer');
    expect(view.launched?.request).toMatchObject({ name: 'x', hostname: 'deck', nice: 5 });
    expect(JSON.stringify(view)).not.toContain('word');
  });

  test('stdout and stderr are separate, each with its time', async () => {
    const { group } = await agent.call('launch', { name: 'two', argv: sh('echo one; echo two >&2; echo three') });
    await agent.event('exit', group);
    const { chunks, tty } = await agent.call('output', { group });
    expect(tty).toBe(false);
    expect(textOf(chunks.filter(({ stream }) => stream === 'out'))).toBe('one\nthree\n');
    expect(textOf(chunks.filter(({ stream }) => stream === 'err'))).toBe('two\n');
    for (const { time } of chunks) expect(Math.abs(Date.now() - time)).toBeLessThan(60_000);
  });

  test('has its end and the resources it used', async () => {
    const burn = 'head -c 30M /dev/zero | tail -c 20M | wc -c; i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; exit 7';
    const { group } = await agent.call('launch', { name: 'used', argv: sh(burn) });
    const exit = await agent.event('exit', group);
    expect(exit).toMatchObject({ code: 7 });
    expect(exit.peakBytes).toBeGreaterThan(15 * 2 ** 20);
    expect(exit.cpuMs).toBeGreaterThan(10);
    expect(exit.runMs).toBeGreaterThan(10);
    expect((await launched(group))?.exit).toMatchObject({ code: 7, peakBytes: exit.peakBytes, cpuMs: exit.cpuMs });
  });
});

describe('sentences', () => {
  const refusalOf = async (more: Partial<CallInput<'launch'>>) => {
    const { detail, asked, errno } = await agent.refused('launch', { name: 'refused', argv: ['/bin/true'], ...more });
    await agent.until(() => !agent.mirror.byPath(`${agent.root}/refused`));
    return { detail, asked, errno };
  };

  test('a pids.max that has no room for the init and the program', async () => {
    expect(await refusalOf({ limits: { 'pids.max': 1 } })).toMatchObject({
      errno: 'EAGAIN',
      detail: expect.stringContaining('pids.max of the group'),
    });
  });

  test('a word that the kernel does not take is refused before the launch, by its bytes', async () => {
    expect(await refusalOf({ argv: ['/bin/echo', 'é'.repeat(65_536)] })).toMatchObject({
      detail: expect.stringContaining('argv[1]: has more than 131,071 bytes'),
    });
    expect(await refusalOf({ env: { A: 'x'.repeat(131_070) } })).toMatchObject({
      detail: expect.stringContaining('131,071 bytes with its name'),
    });
  });

  test('what is started in a frozen group, or below one, is refused at once and names it', async () => {
    const { group } = await agent.call('launch', { name: 'ice', argv: ['/bin/sleep', '1000'] });
    await agent.call('freeze', { group });
    expect(await agent.refused('join', { group, argv: ['/bin/true'] })).toMatchObject({
      code: 'conflict',
      detail: expect.stringContaining(`${group} is frozen, so nothing can be started there: thaw ${group} first`),
    });
    await agent.call('thaw', { group });
    await agent.call('freeze', { group: agent.root });
    const refused = await agent.refused('launch', { name: 'below', argv: ['/bin/true'] });
    await agent.call('thaw', { group: agent.root });
    expect(refused).toMatchObject({ code: 'conflict', detail: expect.stringContaining(`is frozen by ${agent.root}, so nothing`) });
  });
});

describe('a user', () => {
  test('that the launch has, with its groups and home, in the program and in one that joins', async () => {
    const daemon = /^daemon:x:(\d+):(\d+):/m.exec(readFileSync('/etc/passwd', 'utf8')) ?? [];
    const [, uid, gid] = daemon;
    const say = 'echo "$(id -u) $(id -g) $HOME $USER"; touch /tmp/mine /var/tmp/mine $HOME/mine && echo written';
    const { group } = await agent.call('launch', { name: 'daemon', argv: sh(`${say}; exec sleep 1000`), user: 'daemon' });
    await agent.printed(group, 'written');
    expect(await agent.output(group)).toBe(`${uid} ${gid} /run/home daemon\nwritten\n`);
    const printed = async (more: Partial<CallInput<'join'>>) => {
      const { id } = await agent.call('join', { group, argv: sh('echo "$(id -u) $USER."'), ...more });
      await agent.printed(group, '.', id);
      return agent.output(group, id);
    };
    expect(await printed({})).toBe(`${uid} daemon.\n`);
    expect(await printed({ user: '0' })).toMatch(/^0 /);
  });

  test('that does not exist, or would be one of the host, is refused by name', async () => {
    const refused = (more: Partial<CallInput<'launch'>>) => agent.refused('launch', { name: 'nobody', argv: ['/bin/true'], ...more });
    expect(await refused({ user: 'no-such-user' })).toMatchObject({ asked: 'user', detail: expect.stringContaining('has no such user') });
    expect(await refused({ group: 'no-such-group' })).toMatchObject({
      asked: 'group',
      detail: expect.stringContaining('has no such group'),
    });
    expect(await refused({ user: '70000' })).toMatchObject({ asked: 'user', detail: expect.stringContaining('0 to 65535') });
    expect(await refused({ user: 'root', namespaces: ['pid', 'mnt'] })).toMatchObject({
      code: 'invalid',
      detail: expect.stringContaining('a user of the host'),
    });
    const { group } = await agent.call('launch', { name: 'shared', argv: ['/bin/sleep', '1000'], namespaces: ['pid', 'mnt'] });
    expect(await agent.refused('join', { group, argv: ['/bin/true'], user: '0' })).toMatchObject({ code: 'invalid', asked: 'user' });
  });
});

describe('a stop', () => {
  test('lets a program end by itself, and causes no restart', async () => {
    const { group } = await agent.call('launch', {
      name: 'kind',
      argv: sh('trap "echo bye; exit 5" TERM; echo ready; while :; do sleep 0.01; done'),
      restart: { policy: 'always' },
    });
    await agent.printed(group, 'ready');
    expect(await agent.call('stop', { group })).toMatchObject({ group, how: 'ended', exit: { code: 5 } });
    expect(await agent.output(group)).toContain('bye');
    expect(await launched(group)).toMatchObject({ exit: { code: 5 }, restarts: { count: 0 } });
    expect(agent.events.some((event) => event.kind === 'restart')).toBe(false);
  });

  test('kills a program that ignores SIGTERM, and all others in its group', async () => {
    const { group, pid } = await agent.call('launch', {
      name: 'deaf',
      argv: sh('trap "" TERM; sleep 1000 & echo ready; while :; do sleep 0.01; done'),
      namespaces: ['mnt'],
    });
    await agent.printed(group, 'ready');
    const answer = await agent.call('stop', { group, graceMs: 50 });
    expect(answer).toMatchObject({ how: 'killed', exit: { signal: 'SIGKILL' } });
    expect(answer.killed).toContain(pid);
    expect(agent.kernel.members(group).flat()).toEqual([]);
  });

  test('reaches each process once: other sessions, and what is stopped', async () => {
    const { group } = await agent.call('launch', {
      name: 'family',
      argv: sh(
        `for i in 1 2; do setsid sh -c 'trap "echo TERM for $0; exit" TERM; echo ready $0; [ $0 = 1 ] || kill -STOP $$; while :; do sleep 0.01; done' $i & done
         trap "echo TERM for main; [ -z "$had" ] || echo twice; had=1" TERM; wait; wait; wait; exit 6`,
      ),
    });
    await agent.printed(group, 'ready 2');
    await agent.printed(group, 'ready 1');
    expect(await agent.call('stop', { group, graceMs: 600_000 })).toMatchObject({ how: 'ended', killed: [], exit: { code: 6 } });
    const output = await agent.output(group);
    expect(output).toContain('TERM for 1');
    expect(output).toContain('TERM for 2');
    expect(output).toContain('TERM for main');
    expect(output).not.toContain('twice');
  });

  test('a daemon has the grace time after its program’s end, and what does not end is named', async () => {
    const { group } = await agent.call('launch', {
      name: 'orphans',
      argv: sh('setsid sh -c \'trap "" TERM; echo ready; exec sleep 1000\' & while ! [ -e /tmp/go ]; do sleep 0.01; done; exit 3'),
      graceMs: 50,
    });
    await agent.printed(group, 'ready');
    await agent.call('join', { group, argv: ['/bin/touch', '/tmp/go'] });
    expect(await agent.event('exit', group, ({ launchId }) => launchId === undefined)).toMatchObject({ code: 3, killed: 1 });
  });

  test('thaws a frozen group, so that it can end', async () => {
    const { group } = await agent.call('launch', { name: 'ice', argv: sh('trap "exit 4" TERM; echo ready; while :; do sleep 0.01; done') });
    await agent.printed(group, 'ready');
    await agent.call('freeze', { group });
    expect(await agent.call('stop', { group })).toMatchObject({ how: 'ended', exit: { code: 4 } });
    expect(agent.kernel.isFrozen(group)).toBe(false);
  });

  test('a group without a launch cannot be stopped, nor one that is not managed', async () => {
    const path = await agent.make('plain');
    expect(await agent.refused('stop', { group: path })).toMatchObject({ code: 'not_found' });
    expect(await agent.refused('stop', { group: '/' })).toMatchObject({ code: 'protected' });
  });
});

test('templates are kept over a restart of the agent', async () => {
  const request = { name: 'web', argv: ['/bin/true'], tty: true };
  await agent.call('saveTemplate', { name: 'web', request });
  await agent.end();
  await agent.begin();
  expect((await agent.call('templates', {})).templates).toMatchObject([{ name: 'web' }]);
  expect((await agent.call('template', { name: 'web' })).request).toMatchObject(request);
  expect(await agent.refused('template', { name: 'web' }, 'viewer')).toMatchObject({ code: 'forbidden' });
  await agent.call('removeTemplate', { name: 'web' });
  expect(await agent.refused('removeTemplate', { name: 'web' })).toMatchObject({ code: 'not_found' });
});
