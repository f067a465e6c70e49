// Requests that are refused as a whole, before anything is done: invalid ones, malformed ones, and a seeded stream of odd ones.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { invalidRequests } from './fixtures/invalid-requests.ts';
import { expectRefused } from './fixtures/launch.ts';
import { benchFor, builds, make } from './fixtures/launcher.ts';
import { asNobody, encode } from './fixtures/records.ts';

const valid = ['arg=/bin/true', 'dir=/tmp', ...asNobody];

describe.each(builds)('the launcher $name', { concurrent: true }, (build) => {
  const bench = benchFor(build, { concurrent: true });

  test.each(invalidRequests)('refuses %s', async (_what, records, message) => {
    const launch = await expectRefused(await bench.send(encode(records)));
    expect(launch.failure).toMatchObject({ step: 'request', errno: 'EINVAL', message: expect.stringContaining(message) });
    expect(launch.status).toHaveLength(1);
  });

  test('refuses a request whose last record does not end', async () => {
    const whole = encode(valid);
    const launch = await expectRefused(await bench.send(whole.subarray(0, -1)));
    expect(launch.failure).toMatchObject({ step: 'request', errno: 'EINVAL', message: 'the last record does not end in NUL' });
  });

  test('refuses a request of more than 4 MiB, and takes one of just as much', async () => {
    for (const size of [10 << 20, (4 << 20) + 1]) {
      const launch = await expectRefused(await bench.send(Buffer.alloc(size, 'arg=x\0')));
      expect(launch.failure).toMatchObject({ step: 'request', errno: 'E2BIG', number: 7 });
    }
    const head = encode([...valid, 'colour=']);
    const whole = Buffer.concat([head.subarray(0, -1), Buffer.alloc((4 << 20) - head.length, 'x'), Buffer.from([0])]);
    expect(whole).toHaveLength(4 << 20);
    expect((await expectRefused(await bench.send(whole))).failure).toMatchObject({ step: 'request', message: 'unknown key' });
  });

  test('refuses garbage, and reports it as JSON', async () => {
    const garbage = Array.from({ length: 20 }, () => Buffer.concat([randomBytes(5000), Buffer.from([0])]));
    for (const launch of await Promise.all(garbage.map((bytes) => bench.send(bytes)))) {
      expect((await expectRefused(launch)).failure).toMatchObject({ step: 'request', errno: 'EINVAL' });
    }
    const launch = await expectRefused(await bench.send(encode([Buffer.from('a\u0001"\\\n\x7fé')])));
    expect(launch.failure?.what).toBe('a\u0001"\\\n\x7fé');
    const cut = await expectRefused(await bench.send(encode([Buffer.from([0x61, 0xff, 0xed, 0xa0, 0x80, 0xc3])])));
    expect(cut.failure?.what).toBe('a\ufffd\ufffd\ufffd\ufffd\ufffd');
  });
});

const INPUTS = 100_000;

test.concurrent.each([1, 20_261_125])(
  'the parser accepts no request that breaks a rule, of a stream of odd ones (seed %i)',
  async (seed) => {
    const [, { folder }] = builds;
    make('asan');
    const { stdout } = await promisify(execFile)(join(folder, 'fuzz'), [String(seed), String(INPUTS)]);
    const [, accepted, of] = /^(\d+) of (\d+)\n$/.exec(stdout) ?? [];
    expect(Number(of)).toBe(INPUTS);
    // Some of them are valid: a parser that refuses everything would break no rule.
    expect(Number(accepted)).toBeGreaterThan(0);
    expect(Number(accepted)).toBeLessThan(INPUTS / 2);
  },
);
