// npm run bench: builds what it measures and what that is compared with, then measures in the pinned Node; with --vm what is measured in a v2 machine.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FOR_BENCH, preparePrograms } from './debian.mjs';
import { runPinned } from './hand-over.mjs';
import { checkCompiler, checkControlGroups, checkEmulation, checkNode, checkRoot } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { PINNED_NODE, ROOT } from './project.mjs';
import { runToExit } from './setup-error.mjs';
import { step } from './tool.mjs';

const BUILD = 'bench/build';
/** Of the machine, and of the benches those whose ratio or count means something under emulation. */
const MACHINE = ['--mode', 'v2', '--kernel', '6.12', '--swap', 'no', '--seconds', '600'];
const IN_MACHINE = ['tick', 'hold'];

runToExit(async () => {
  checkNode();
  checkRoot('npm run bench');
  checkControlGroups();
  checkCompiler();
  await prepare(['launcher', 'server', 'pages']);
  mkdirSync(join(ROOT, BUILD), { recursive: true });
  for (const program of ['tick', 'busy'])
    await step(
      `Building a program of the bench: ${program} (cc) …`,
      'cc',
      ['-O2', '-Wall', '-Wextra', '-Werror', '-o', `${BUILD}/${program}`, `bench/baseline/${program}.c`],
      {
        failure: 'A C program of the bench could not be built: the compiler’s reason is above.',
      },
    );
  const args = process.argv.slice(2);
  if (args.includes('--vm')) {
    checkEmulation();
    return runPinned('test/vm/main.ts', [...MACHINE, '--', PINNED_NODE, 'bench/main.ts', ...IN_MACHINE]);
  }
  await preparePrograms(FOR_BENCH);
  return runPinned('bench/main.ts', args);
});
