// Runs one command in a machine: its output is ours, and so is its exit code.
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { machineFrom } from './arguments.ts';
import { bootMachine, type Ending } from './machine.ts';
import { CACHE } from './parts.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** What Node has compiled in one machine it need not compile in the next: a quarter of what vitest's start takes. */
const COMPILED = join(CACHE, 'compiled');
const DEADLINE_CODE = 124;
const LOST_CODE = 125;

function codeOf(ending: Ending): number {
  switch (ending.kind) {
    case 'exit':
      return ending.code;
    case 'deadline':
      console.error(`The machine was killed: its time was over. The end of its console:\n${ending.console}`);
      return DEADLINE_CODE;
    case 'lost':
      console.error(`The machine stopped before the command ended. The end of its console:\n${ending.console}`);
      return LOST_CODE;
    case 'stopped':
      console.error('The machine was stopped.');
      return LOST_CODE;
  }
}

try {
  const { kernel, mode, swap, writable, ...options } = machineFrom(process.argv.slice(2));
  const env = {
    PATH: [join(ROOT, 'node_modules', '.bin'), '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(
      delimiter,
    ),
    // Tests that run inside learn from it where they are, and that everything takes longer there.
    CGDECK_TEST_MACHINE: `${mode} on ${kernel}, ${swap ? 'with' : 'without'} swap`,
    CGDECK_TEST_SLOWNESS: '10',
    CGDECK_EXPECT_MODE: mode,
    NODE_COMPILE_CACHE: COMPILED,
  };
  mkdirSync(COMPILED, { recursive: true });
  const machine = await bootMachine({ ...options, kernel, mode, swap, env, directory: ROOT, writable: [...writable, COMPILED] });
  machine.output.pipe(process.stdout);
  process.exitCode = codeOf(await machine.ended);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
