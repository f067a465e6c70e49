// A write can change another file's value, which no notice reports: it is known at once, and is no write of that file.
import { expect, test } from 'vitest';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('changed-with');

test('the weight of a group follows cpu.idle at the next tick', async () => {
  const path = await agent.make('idle');
  const weight = agent.layout.ofController('cpu') ? 'cpu.shares' : 'cpu.weight';
  const before = await agent.until(() => agent.reading(path, weight));
  for (const write of [
    () => agent.call('writeFile', { path, file: 'cpu.idle', value: 1 }),
    // As another program would.
    async () => agent.kernel.write(path, 'cpu.idle', '0'),
  ]) {
    const { length } = agent.all('write', path);
    await write();
    await agent.until(() => agent.reading(path, weight) === Number(agent.kernel.read(path, weight)) && agent.all('write', path).at(length));
    await agent.until(() =>
      agent.all('write', path).some((event) => event.file === weight && event.new === agent.kernel.read(path, weight)),
    );
  }
  const [down, up] = agent.all('write', path).filter(({ file }) => file === weight);
  expect(down).toMatchObject({ old: String(before), through: 'cpu.idle' });
  expect(up).toMatchObject({ new: String(before), through: 'cpu.idle' });
  expect([down?.by, up?.by]).toEqual([undefined, undefined]);
});
