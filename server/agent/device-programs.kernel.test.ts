// Device rules as BPF programs on v2's real kernel, alone and beside programs of others.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { built } from '../../test/vm/fixtures/built.ts';
import { type DeviceRule, parseDeviceRule } from '../contract/devices.ts';
import { diskHere } from './fixtures/disk.ts';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { RunningAgent } from './fixtures/running-agent.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const run = promisify(execFile);

describeOnMemory(2, 'device programs', () => {
  const agent = sharedAgent('bpf');
  let probe: string;

  beforeAll(() => {
    probe = built('probe');
  });

  const rules = (...texts: string[]): DeviceRule[] => texts.flatMap((text) => parseDeviceRule(text) ?? []);

  const made = () => agent.make('ruled');

  const dirOf = (group: string): string => agent.dirs(group)[0] ?? '';

  /** What a shell prints that runs in the group, as root of the machine. */
  async function inside(group: string, script: string): Promise<string[]> {
    const { stdout } = await run('/bin/sh', ['-c', `echo $$ > '${dirOf(group)}/cgroup.procs'; ${script}`]);
    return stdout.trim().split('\n');
  }

  const says = (command: string) => `if ${command} 2>&-; then echo yes; else echo no; fi;`;

  test('read, write and mknod are checked separately, for character and block devices', async () => {
    const group = await made();
    const { id, node } = diskHere();
    await agent.call('setDevices', { group, rules: rules('c 1:3 rw', 'c 1:5 r', 'c 1:7 m', `b ${id} r`) });
    const made_ = join(agent.settings.runDir, 'made');
    expect(
      await inside(
        group,
        [
          says('(: <>/dev/null)'),
          says('(: </dev/zero)'),
          says('(: >/dev/zero)'),
          says('(: </dev/full)'),
          says(`mknod ${made_}-full c 1 7`),
          says(`mknod ${made_}-null c 1 3`),
          says(`dd if=${node} of=/dev/null bs=4096 count=1 status=none`),
          says(`(: >>${node})`),
        ].join(''),
      ),
    ).toEqual(['yes', 'yes', 'no', 'no', 'yes', 'no', 'yes', 'no']);
  });

  test('in a group, its own rules and those above apply', async () => {
    const group = await made();
    await agent.call('setDevices', { group, rules: rules('c 1:3 rwm', 'c 1:5 rwm') });
    await agent.call('createGroup', { path: `${group}/below` });
    await agent.call('setDevices', { group: `${group}/below`, rules: rules('c 1:5 rwm', 'c 1:7 rwm') });
    const tries = ['null', 'zero', 'full'].map((name) => says(`(: </dev/${name})`)).join('');
    expect(await inside(`${group}/below`, tries)).toEqual(['no', 'yes', 'no']);
  });

  test('rules stay after the agent, and the next agent can replace them', async () => {
    const group = await made();
    await agent.call('setDevices', { group, rules: rules('c 1:3 rwm') });
    // The agent removes empty groups when it stops.
    await agent.enter(group);
    await agent.end();
    await agent.begin();
    expect(await agent.call('devices', { group })).toMatchObject({ rules: rules('c 1:3 rwm'), others: [] });
    expect(await agent.call('setDevices', { group, rules: rules('c 1:7 r') })).toMatchObject({ old: 'c 1:3 rwm', rules: rules('c 1:7 r') });
    expect(await inside(group, says('(: </dev/null)') + says('(: </dev/full)'))).toEqual(['no', 'yes']);
  });

  test('programs of others stay, are reported, and may refuse ours', async () => {
    const group = await made();
    const foreign = `${group}/foreign`;
    mkdirSync(dirOf(foreign));
    await agent.event('create', foreign);
    // Attached so that no other program can be added here or below.
    execFileSync(probe, [dirOf(foreign)]);
    const view = await agent.call('devices', { group: foreign });
    expect(view).toMatchObject({ rules: null, others: [{ group: foreign }] });
    expect(view.notes.join(' ')).toMatch(/cannot be read back as a list/);
    const problem = await agent.refused('setDevices', { group: foreign, rules: rules('c 1:3 rwm') });
    expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'EPERM', detail: expect.stringContaining('BPF_F_ALLOW_MULTI') });
    expect(await agent.call('devices', { group: foreign })).toMatchObject({ rules: null, others: [{ group: foreign }] });
    rmdirSync(dirOf(foreign));
  });

  test('a launch whose rules the kernel refuses leaves nothing', async () => {
    const root = `${agent.root}-kept`;
    mkdirSync(dirOf(root));
    execFileSync(probe, [dirOf(root)]);
    const narrow = await RunningAgent.start('kept', { managedRoot: root });
    try {
      const problem = await narrow.refused('launch', { name: 'wide', argv: ['/bin/true'], devices: rules('c 1:3 rwm') });
      expect(problem).toMatchObject({ code: 'kernel_refused', errno: 'EPERM' });
      expect(existsSync(dirOf(`${root}/wide`))).toBe(false);
    } finally {
      await narrow.clean();
    }
  });
});
