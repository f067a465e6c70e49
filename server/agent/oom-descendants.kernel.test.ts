// v1: the kernel notifies an OOM to all groups below, and sets their under_oom: only the group whose limit was hit is out of memory, or held.
import { expect, test } from 'vitest';
import { isWithin } from '../contract/paths.ts';
import { describeOnMemory } from './fixtures/expected-mode.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const MIB = 2 ** 20;
const GROWS = `exec python3 -c 'x=b"a"*(64<<20)'`;

describeOnMemory(1, 'an OOM of a group with groups below', () => {
  const agent = sharedAgent('oom-below');
  const groupsOutOfMemory = () => [
    ...new Set(agent.events.flatMap((event) => (event.kind === 'oom' && isWithin(event.group, agent.root) ? [event.group] : []))),
  ];

  test('is an event of the group whose limit was hit, and of one below only where that hit its own', async () => {
    const pod = await agent.make('pod', agent.walled(48 * MIB));
    const first = await agent.make('pod/first');
    const second = await agent.make('pod/second', agent.walled(16 * MIB));
    await agent.inhabited('pod/second/inner');
    agent.process(first, GROWS);
    await agent.event('oom_kill', first);
    await agent.event('oom', pod);
    await agent.caughtUp();
    expect(groupsOutOfMemory()).toEqual([pod]);
    agent.process(second, GROWS);
    await agent.event('oom', second);
    await agent.event('oom_kill', second);
    await agent.caughtUp();
    expect(groupsOutOfMemory()).toEqual([pod, second]);
  });

  test('that waits for memory is found by the next agent, the groups below are not', async () => {
    const pod = await agent.make('pod', agent.walled(24 * MIB));
    const first = await agent.make('pod/first');
    await agent.make('pod/second', agent.walled(16 * MIB));
    agent.kernel.write(pod, 'memory.oom_control', '1');
    agent.process(first, GROWS);
    await agent.event('oom', pod);
    await agent.until(() => agent.kernel.read(`${pod}/second`, 'memory.oom_control').includes('under_oom 1'));
    await agent.end();
    agent.events.length = 0;
    await agent.begin();
    await agent.event('oom', pod);
    await agent.caughtUp();
    expect(groupsOutOfMemory()).toEqual([pod]);
    agent.kernel.write(pod, 'memory.oom_control', '0');
  });
});
