// Tests that need nothing but Node; and those of the launcher, of the server and of networks that need root and the kernel.
import { join } from 'node:path';
import { configDefaults, defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const KERNEL_TESTS = '**/*.kernel.test.{ts,tsx,mjs}';
const NETWORK_TESTS = 'server/agent/act/network/*.kernel.test.ts';
/** What vitest has transformed in one machine it need not in the next: beside what Node has compiled, in the folder that they share. */
const { CGDECK_TEST_MACHINE, NODE_COMPILE_CACHE } = process.env;
const kept = CGDECK_TEST_MACHINE && NODE_COMPILE_CACHE ? { fsModuleCachePath: join(NODE_COMPILE_CACHE, 'vitest') } : {};
/** Inside a test machine (test/vm) there are its own tests as well, and everything takes longer. */
const MACHINE_TESTS = CGDECK_TEST_MACHINE ? ['test/vm/*.guest.test.ts'] : [];
/** Processes that tests start need not compile what an earlier one has: it takes most of their start. */
const env = { NODE_COMPILE_CACHE: NODE_COMPILE_CACHE ?? join(import.meta.dirname, 'node_modules/.cache/compiled') };
const slowness = Number(process.env.CGDECK_TEST_SLOWNESS ?? 1);
const SOURCES = ['{server,native,components,app,bench,cli,setup}/**/*.test.{ts,tsx,mjs}'];
const exclude = [...configDefaults.exclude, 'dist/**', 'out/**', '.next/**', 'e2e/**'];

function onKernel(name: string, groupOrder: number, include: string[], without: string[], workers = 2): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      include,
      exclude: [...exclude, ...without],
      // Two wait while others compute; more only get into each other's way on two cores. In a test machine one at a time: all that starts there takes long.
      maxWorkers: CGDECK_TEST_MACHINE ? 1 : workers,
      // Each file in a fresh process: a descriptor, a handler or a thread that a test leaves ends with it.
      pool: 'forks',
      env,
      testTimeout: 120_000 * slowness,
      hookTimeout: 120_000 * slowness,
      sequence: { groupOrder },
    },
  };
}

export default defineConfig({
  test: {
    environment: 'node',
    ...kept,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: SOURCES,
          exclude: [...exclude, KERNEL_TESTS],
          testTimeout: 60_000 * slowness,
          hookTimeout: 60_000 * slowness,
          sequence: { groupOrder: 0 },
        },
      },
      onKernel('launcher', 1, ['native/launch/**/*.kernel.test.ts'], [], 1),
      onKernel('kernel', 2, [KERNEL_TESTS, ...MACHINE_TESTS], ['native/launch/**', NETWORK_TESTS]),
      // They share the host's addresses and routes.
      onKernel('network', 3, [NETWORK_TESTS], [], 1),
    ],
  },
});
