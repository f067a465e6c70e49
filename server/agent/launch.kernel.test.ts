// A launch through the agent on the real kernel: namespaces, groups, arguments, exit, refusals.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';

const MIB = 1024 * 1024;

let agent: RunningAgent;

beforeEach(async () => {
  agent = await RunningAgent.start('launch');
});

afterEach(async () => {
  const { root } = agent;
  await agent.clean();
  expect(agent.kernel.where(root), `${root} is left`).toEqual([]);
});

const outputOf = async (group: string) => (await agent.call('output', { group })).chunks.map(({ text }) => text).join('');

describe('launches', () => {
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
    let text = '';
    while (!text.includes('on inside')) text = await outputOf(answer.group);
    expect(text).toBe('pid 2 on inside\n');
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

  test('arguments with quotes, newlines or no text arrive byte for byte', async () => {
    const argv = ['/bin/sh', '-c', 'printf "[%s]" "$@"', '-', "it's", 'a\nb', '', '"', '$x `y`'];
    const { group, pid } = await agent.call('launch', { name: 'args', argv });
    await agent.event('exit', group, (event) => event.pid === pid);
    expect(await outputOf(group)).toBe('[it\'s][a\nb][]["][$x `y`]');
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
