// The journeys on other kernels and hierarchies than this machine's: cgdeck runs in a test machine, the browser here. npm run test:vm runs them;
// with CGDECK_TEST_WHOLE set, all that there is in e2e/.
import { defineConfig } from '@playwright/test';
import type { WorkerOptions } from '../../e2e/test.ts';
import here from '../../playwright.config.ts';
import { SLOWNESS } from './environment.ts';
import { SUITES } from './suites.mjs';

// The workers, which read this file as well, give themselves more time.
process.env.CGDECK_TEST_SLOWNESS = String(SLOWNESS);

export default defineConfig<object, WorkerOptions>({
  testDir: '../../e2e',
  testMatch:
    process.env.CGDECK_TEST_WHOLE === undefined
      ? ['journey.spec.ts', 'control-files.spec.ts', 'guard.spec.ts', 'guard-killed.spec.ts', 'guard-rule.spec.ts', 'reports.spec.ts']
      : '*.spec.ts',
  outputDir: '../../test-results/vm-e2e',
  workers: 1,
  forbidOnly: process.env.CI !== undefined,
  timeout: 60_000 * SLOWNESS,
  expect: { timeout: 10_000 * SLOWNESS },
  reporter: [['list'], ['json', { outputFile: '../../test-results/vm-e2e.json' }]],
  ...(here.use ? { use: here.use } : {}),
  projects: SUITES.map(({ kernel, mode }) => ({
    name: `${mode} on ${kernel}`,
    // Without swap, so that a leak has nowhere to go but against its limit.
    use: { guest: { kernel, mode, swap: false, network: process.env.CGDECK_TEST_WHOLE !== undefined } },
  })),
});
