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
    expect(said).toMatch(new RegExp(`^\\d+ of ${INPUTS}\n$`));
  },
  120_000,
);
