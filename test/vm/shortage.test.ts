// Boots a machine with little memory for what happens when the machine itself runs short of it: shortage.guest.test.ts, inside.
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { COMPILED, environmentFor, ROOT } from './environment.ts';
import { bootMachine } from './machine.ts';

test('a machine short of memory freezes its guarded groups before the kernel kills', { timeout: 1_800_000 }, async () => {
  const guest = { kernel: '6.1', mode: 'v2', swap: false, network: false } as const;
  const machine = await bootMachine({
    ...guest,
    memoryMiB: 768,
    command: ['vitest', 'run', '--project', 'kernel', 'test/vm/shortage.guest.test.ts'],
    directory: ROOT,
    env: environmentFor(guest),
    writable: [COMPILED],
    timeoutMs: 1_500_000,
  });
  const output = await text(machine.output);
  const ending = await machine.ended;
  expect(ending, `${output}\n${'console' in ending ? ending.console : ''}`).toEqual({ kind: 'exit', code: 0 });
});
