// The watchdog with as much as it can keep, and with bytes that are no message; as shipped and with sanitizers.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { until } from './fixtures/guard-bench.ts';
import { describeWatchdog, LONG_MS, OURS, refused } from './fixtures/watchdog-bench.ts';

describeWatchdog('the watchdog', (bench) => {
  test('keeps 500 guards in less than 1 MiB of memory, refuses more than it can keep, and gives all back', async () => {
    const one = await bench.agent();
    const names = Array.from({ length: 10 }, (_, index) => bench.limited(`many${index}`));
    const raised = Array.from({ length: 8 }, (_, index) => ['ours', String(10 ** 11 + index)]).flat();
    const set = (index: number) => {
      const name = names[index % names.length] ?? '';
      return one.request(
        'set',
        String(2 ** 40 + index),
        LONG_MS,
        ...bench.file(name),
        ...raised,
        ...['file', 'memory.oom_control', '0', '', 'ours', 'oom_kill_disable 1'],
      );
    };
    for (let index = 0; index < 500; index++) await set(index);
    const { pid } = one;
    if (bench.target === 'all')
      expect(Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])).toBeLessThan(1024);
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
    bench.watchdog.kill('SIGTERM');
    await until(() => names.every((name) => bench.read(name) === bench.unlimited));
  });

  test('survives what is no message', async () => {
    const group = bench.limited('hostile');
    const one = await bench.agent();
    await one.request('set', 'kept', LONG_MS, ...bench.file(group));
    const random = generator(Number(process.env.CGDECK_SEED ?? 1));
    const words = [
      ...bench.file(group),
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
      const socket = connect(bench.path).on('error', () => {});
      const closed = new Promise((resolve) => socket.once('close', resolve));
      const count = 1 + random(20);
      for (let index = 0; index < count; index++) {
        const fields = random(2) === 0 ? bench.file(group) : Array.from({ length: random(12) }, () => pick(words));
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
    expect(bench.read(group)).toBe(OURS);
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
