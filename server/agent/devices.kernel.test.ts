// Device rules through the agent on the real kernel, on either version: set, read back, enforced, refused, removed; and before a launch runs.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { containerDevices, type DeviceRule, mergeDeviceRules, parseDeviceRule } from '../contract/devices.ts';
import { RunningAgent } from './fixtures/running-agent.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const rule = (text: string): DeviceRule => {
  const parsed = parseDeviceRule(text);
  if (!parsed) throw new Error(`${text} is no rule`);
  return parsed;
};
const NULL_RULE = rule('c 1:3 rwm');
const ZERO_READ = rule('c 1:5 r');

const agent = sharedAgent('devices');
const onV1 = agent.layout.ofController('devices') !== undefined;
const made = () => agent.make('ruled');

/** What a launched shell prints when it tries each device, as root in the usual sandbox. */
async function tried(name: string, devices: DeviceRule[] | undefined, tries: readonly string[]): Promise<string[]> {
  // The shell's messages are not redirected: that would open a device.
  const script = tries.map((one) => `if (${one}) 2>&-; then echo yes; else echo no; fi`).join('; ');
  const { text } = await agent.run({ name, argv: ['/bin/sh', '-c', script], devices });
  return text.trim().split('\n');
}

describe('the rules of a running group', () => {
  test('are set, read back from the kernel, reported, and removed', async () => {
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

  test('are replaced by another list, with duplicates merged', async () => {
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

  test('apply to processes inside', async () => {
    const group = await made();
    await agent.call('setDevices', { group, rules: [rule('a 1:3 w')] });
    const pid = agent.process(group, 'while :; do sleep 0.02; if (exec 3>/dev/null); then (exec 3</dev/zero) || exec sleep 1000; fi; done');
    // It runs only while /dev/null is allowed and /dev/zero is not.
    await agent.until(() => readComm(pid) === 'sleep' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('1000'));
  });

  test('as containers use them are read back as written', async () => {
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

  test('of a group outside of the devices hierarchy are none, which is reported', async () => {
    const [elsewhere] = agent.layout.hierarchies.filter(
      ({ version, controllers }) => version === 1 && !controllers.includes('devices') && !controllers.includes('pids'),
    );
    if (!elsewhere) return;
    const group = `${agent.root}/partly`;
    mkdirSync(agent.layout.dir(elsewhere, group));
    await agent.event('create', group);
    const view = await agent.call('devices', { group });
    expect(view).toMatchObject({ file: 'devices.list', rules: null });
    expect(view.notes.join(' ')).toContain('not in the hierarchy of the devices controller');
    expect(await agent.refused('setDevices', { group, rules: [] })).toMatchObject({ code: 'not_found' });
    // v2 has a file of the same name, which is no advice.
    expect(await agent.refused('writeFile', { path: group, file: 'pids.max', value: 5 })).toMatchObject({
      code: 'not_found',
      detail: expect.stringMatching(/or that is not mounted\.$/),
    });
  });

  test('of a group above apply below it, and are listed there', async () => {
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
    // Half of it had been written: it was undone.
    expect(await agent.call('devices', { group: below })).toMatchObject({ rules: [NULL_RULE] });
    const everything = await agent.make('everything');
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
    const { text } = await agent.run({
      name: 'bare-tty',
      argv: ['/bin/sh', '-c', 'test -t 0 && echo typed'],
      devices: [],
      tty: true,
    });
    expect(text.trim()).toBe('typed');
  });
});

test('a launch whose rules the kernel refuses leaves nothing', async () => {
  // On v2 no rule is refused: see test/vm/devices.guest.test.ts.
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
