// The group of a process that is being killed, from the kernel.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { KernelGroups } from '../../fixtures/kernel-groups.ts';
import { Layout } from '../../kernel/hierarchy/layout.ts';
import { Members } from './members.ts';

test('a living process is in its group, also where that is named as the kernel names one that was removed', async () => {
  const groups = new KernelGroups('members');
  const { hierarchies, unified } = groups.layout;
  const memory = groups.layout.ofController('memory');
  const group = `${groups.root}/a (deleted)`;
  groups.make(group);
  const enter = hierarchies.map((hierarchy) => `echo $$ > '${groups.layout.dir(hierarchy, group)}/cgroup.procs'; `).join('');
  const child = spawn('sh', ['-c', `${enter} echo; read wait`], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    for (const hierarchy of [memory, unified]) {
      if (!hierarchy) continue;
      const members = new Members(new Layout([hierarchy]));
      expect(members.groupOf(child.pid ?? 0, 'sh')).toBe(group);
      expect(members.groupOf(child.pid ?? 0, 'another')).toBeUndefined();
    }
  } finally {
    child.kill('SIGKILL');
    await ended;
    groups.remove();
  }
});
