// Device rules through the agent on the real kernel, by whichever version has them: set, read back, held, refused, lifted; and before a launch runs.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containerDevices, type DeviceRule, mergeDeviceRules, parseDeviceRule } from '../contract/devices.ts';
import { RunningAgent } from './fixtures/running-agent.ts';

const rule = (text: string): DeviceRule => {
  const parsed = parseDeviceRule(text);
  if (!parsed) throw new Error(`${text} is no rule`);
  return parsed;
};
const NULL_RULE = rule('c 1:3 rwm');
const ZERO_READ = rule('c 1:5 r');

let agent: RunningAgent;
let onV1: boolean;
let number = 0;

beforeAll(async () => {
  agent = await RunningAgent.start('devices');
  onV1 = agent.layout.ofController('devices') !== undefined;
});
afterAll(() => agent.clean());

async function made(): Promise<string> {
  const path = `${agent.root}/held-${++number}`;
  await agent.call('createGroup', { path });
  return path;
}

async function outputOf(group: string): Promise<string> {
  const { chunks } = await agent.call('output', { group });
  return chunks.map(({ text }) => text).join('');
}

/** What a launched shell says when it tries each, as root with the rest of the usual sandbox. */
async function tried(name: string, devices: DeviceRule[] | undefined, tries: readonly string[]): Promise<string[]> {
  // Errors are the shell's own sentences: no device is opened to be rid of them.
  const script = tries.map((one) => `if (${one}) 2>&-; then echo yes; else echo no; fi`).join('; ');
  const { group } = await agent.call('launch', { name, argv: ['/bin/sh', '-c', script], devices });
  await agent.event('exit', group);
  return (await outputOf(group)).trim().split('\n');
}

describe('the rules of a running group', () => {
  test('are set, read back from the kernel, told, and lifted', async () => {
    const group = await made();
    const file = onV1 ? 'devices.list' : 'device program';
    expect(await agent.call('devices', { group })).toMatchObject({ group, file, rules: null });
    const answer = await agent.call('setDevices', { group, rules: [NULL_RULE, ZERO_READ] });
    expect(answer).toMatchObject({ file, rules: [NULL_RULE, ZERO_READ], old: 'a *:* rwm', new: 'c 1:3 rwm, c 1:5 r' });
    expect(await agent.event('write', group, (event) => event.file === file)).toMatchObject({ new: 'c 1:3 rwm, c 1:5 r', by: 'test' });
    if (onV1) expect(agent.kernel.read(group, 'devices.list')).toBe('c 1:3 rwm\nc 1:5 r');
    expect(await agent.call('devices', { group }, 'viewer')).toMatchObject({ rules: [NULL_RULE, ZERO_READ] });
    expect(await agent.call('setDevices', { group, rules: null })).toMatchObject({ rules: null, new: 'a *:* rwm' });
  });

  test('go from one list to another, with duplicates merged', async () => {
    const group = await made();
    await agent.call('setDevices', { group, rules: [NULL_RULE, ZERO_READ] });
    const { rules } = await agent.call('setDevices', {
      group,
      rules: [rule('c 1:5 w'), rule('c 1:5 m'), rule('b 7:* rw'), rule('b 7:0 r')],
    });
    expect(rules).toHaveLength(2);
    expect(rules).toEqual(expect.arrayContaining([rule('c 1:5 wm'), rule('b 7:* rw')]));
    expect(await agent.call('setDevices', { group, rules: [] })).toMatchObject({ rules: [], new: 'nothing' });
  });

  test('hold who is inside', async () => {
    const group = await made();
    await agent.call('setDevices', { group, rules: [rule('a 1:3 w')] });
    const pid = agent.process(group, 'while :; do sleep 0.05; if (exec 3>/dev/null); then (exec 3</dev/zero) || exec sleep 1000; fi; done');
    // It stays as it finds /dev/null open to it and /dev/zero closed.
    await agent.until(() => readComm(pid) === 'sleep' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('1000'));
  });

  test('as containers have them come back as asked', async () => {
    const group = await made();
    const { rules } = await agent.call('setDevices', { group, rules: [...containerDevices] });
    expect(rules).toEqual(mergeDeviceRules(containerDevices));
  });

  test('are refused to a viewer, outside of the managed root, and where there is no such group', async () => {
    const group = await made();
    expect(await agent.refused('setDevices', { group, rules: [] }, 'viewer')).toMatchObject({ code: 'forbidden' });
    expect(await agent.refused('setDevices', { group: '/', rules: [] })).toMatchObject({ code: 'protected' });
    expect(await agent.refused('setDevices', { group: `${group}/none`, rules: [] })).toMatchObject({ code: 'not_found' });
    expect(await agent.refused('devices', { group: `${group}/none` })).toMatchObject({ code: 'not_found' });
    expect(await agent.call('devices', { group })).toMatchObject({ rules: null });
  });

  test('of a group that is not where the devices controller is are none, which is said', async () => {
    const [elsewhere] = agent.layout.hierarchies.filter(({ version, controllers }) => version === 1 && !controllers.includes('devices'));
    if (!elsewhere) return;
    const group = `${agent.root}/partly`;
    mkdirSync(agent.layout.dir(elsewhere, group));
    await agent.event('create', group);
    const view = await agent.call('devices', { group });
    expect(view).toMatchObject({ file: 'devices.list', rules: null });
    expect(view.notes.join(' ')).toContain('not in the hierarchy of the devices controller');
    expect(await agent.refused('setDevices', { group, rules: [] })).toMatchObject({ code: 'not_found' });
  });

  test('of a group above hold below it as well, and are said there', async () => {
    const group = await made();
    await agent.call('setDevices', { group, rules: [NULL_RULE] });
    const below = `${group}/below`;
    await agent.call('createGroup', { path: below });
    if (!onV1) {
      await agent.call('setDevices', { group: below, rules: [ZERO_READ] });
      expect(await agent.call('devices', { group: below })).toMatchObject({ rules: [ZERO_READ], above: [{ group, rules: [NULL_RULE] }] });
      return;
    }
    const problem = await agent.refused('setDevices', { group: below, rules: [rule('c 1:3 r'), ZERO_READ] });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'EPERM', detail: expect.stringContaining('group above') });
    // Half of it had been taken: it went back.
    expect(await agent.call('devices', { group: below })).toMatchObject({ rules: [NULL_RULE] });
    const everything = await made();
    await agent.call('createGroup', { path: `${everything}/below` });
    expect(await agent.refused('setDevices', { group: everything, rules: [] })).toMatchObject({
      errno: 'EINVAL',
      detail: expect.stringContaining('no groups below'),
    });
    expect(await agent.call('devices', { group: everything })).toMatchObject({ rules: null });
  });
});

function readComm(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

describe('a launch', () => {
  const tries = [': >/dev/null', ': </dev/zero', ': >/dev/zero', ': </dev/full'];

  test('has its rules before it runs', async () => {
    expect(await tried('ruled', [NULL_RULE, ZERO_READ], tries)).toEqual(['yes', 'yes', 'no', 'no']);
    expect(await tried('free', undefined, tries)).toEqual(['yes', 'yes', 'yes', 'yes']);
    expect(await tried('contained', [...containerDevices], tries)).toEqual(['yes', 'yes', 'yes', 'yes']);
  });

  test('starts without any device, with a terminal too', async () => {
    expect(await tried('bare', [], tries)).toEqual(['no', 'no', 'no', 'no']);
    const { group } = await agent.call('launch', {
      name: 'bare-tty',
      argv: ['/bin/sh', '-c', 'test -t 0 && echo typed'],
      devices: [],
      tty: true,
    });
    await agent.event('exit', group);
    expect((await outputOf(group)).trim()).toBe('typed');
  });
});

test('a launch whose rules the kernel refuses leaves nothing', async () => {
  // v2 has no rule of its own that refuses: see test/vm/devices.guest.test.ts.
  if (!onV1) return;
  const narrow = await RunningAgent.start('narrow');
  try {
    await narrow.call('setDevices', { group: narrow.root, rules: [NULL_RULE] });
    const problem = await narrow.refused('launch', { name: 'wide', argv: ['/bin/true'], devices: [NULL_RULE, ZERO_READ] });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'EPERM', file: `${narrow.root}/wide/devices.allow`, asked: 'c 1:5 r' });
    expect(narrow.dirs(`${narrow.root}/wide`).filter((dir) => existsSync(dir))).toEqual([]);
  } finally {
    await narrow.clean();
  }
});
