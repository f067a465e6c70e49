// The request parser against a seeded stream of odd requests, under the sanitizers.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builds, make } from './fixtures/launcher.ts';

const INPUTS = 100_000;

test.each([1, 20_261_125])(
  'takes or refuses whatever comes, and takes nothing that breaks a rule (seed %i)',
  (seed) => {
    const [, { folder }] = builds;
    make('asan');
    const said = execFileSync(join(folder, 'fuzz'), [String(seed), String(INPUTS)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [, accepted, of] = /^(\d+) of (\d+)\n$/.exec(said) ?? [];
    expect(Number(of)).toBe(INPUTS);
    // Some of what comes is a good request: a parser that refuses everything would break no rule.
    expect(Number(accepted)).toBeGreaterThan(0);
    expect(Number(accepted)).toBeLessThan(INPUTS / 2);
  },
  120_000,
);
