// npm run bench: builds what it measures and what that is compared with, then measures in the pinned Node.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FOR_BENCH, preparePrograms } from './debian.mjs';
import { runPinned } from './hand-over.mjs';
import { checkCompiler, checkControlGroups, checkNode, checkRoot } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { ROOT } from './project.mjs';
import { runToExit } from './setup-error.mjs';
import { step } from './tool.mjs';

const BUILD = 'bench/build';

runToExit(async () => {
  checkNode();
  checkRoot('npm run bench');
  checkControlGroups();
  checkCompiler();
  await prepare(['launcher', 'server', 'pages']);
  mkdirSync(join(ROOT, BUILD), { recursive: true });
  await step(
    'Building what cgdeck is compared with (cc) …',
    'cc',
    ['-O2', '-Wall', '-Wextra', '-Werror', '-o', `${BUILD}/tick`, 'bench/baseline/tick.c'],
    {
      failure: 'The C program of the bench could not be built: the compiler says why above.',
    },
  );
  await preparePrograms(FOR_BENCH);
  return runPinned('bench/main.ts', process.argv.slice(2));
});
