// npm run test:vm: the kernel's tests in machines with other kernels and hierarchies than this one's; with arguments, one command in one machine.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SUITES } from '../test/vm/suites.mjs';
import { runPinned } from './hand-over.mjs';
import { checkCompiler, checkEmulation, checkNode, checkRoot } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { BIN, PINNED_NODE, ROOT } from './project.mjs';
import { runToExit } from './setup-error.mjs';
import { countOfVitest, summaryLine } from './tally.mjs';
import { runTool, step } from './tool.mjs';

const RESULTS = join(ROOT, 'test-results');
const MAIN = 'test/vm/main.ts';
const BUILD = 'test/vm/build';
const SECONDS = 1200;

/** Runs vitest, here or in a machine; its output is shown if a test fails. */
async function counted(name, file, before, args) {
  const report = join(RESULTS, `vm-${name.replaceAll(' ', '-')}.json`);
  // A report of an earlier run must not pass for this one's.
  rmSync(report, { force: true });
  console.log(`Testing ${name} …`);
  const start = Date.now();
  const { code, output } = await runTool(file, [
    ...before,
    'run',
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  const count = countOfVitest(report, code);
  if (count.failed > 0) console.log(output);
  const seconds = Math.round((Date.now() - start) / 1000);
  console.log(`${count.failed === 0 ? 'ok' : 'FAILED'}  ${name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)`);
  return count;
}

function suiteIn({ kernel, mode, swap, tests, leftOut }) {
  const machine = ['--kernel', kernel, '--mode', mode, '--swap', swap, '--seconds', String(SECONDS), '--writable', RESULTS];
  const names = leftOut.length === 0 ? [] : ['--testNamePattern', `^(?!.*(${leftOut.join('|')}))`];
  return counted(
    `${mode} on ${kernel}`,
    PINNED_NODE,
    [MAIN, ...machine, '--', join(BIN, 'vitest')],
    ['--project', 'kernel', ...tests, ...names],
  );
}

runToExit(async () => {
  checkNode();
  checkRoot('npm run test:vm');
  checkEmulation();
  checkCompiler();
  await prepare(['launcher', 'server']);
  await step('Building the launcher with sanitizers (make) …', 'make', ['-C', 'native', '--no-print-directory', 'asan'], {
    failure: 'The launcher could not be built with sanitizers: the compiler says why above.',
  });
  mkdirSync(join(ROOT, BUILD), { recursive: true });
  for (const program of ['probe', 'sleeper']) {
    await step(
      `Building ${program}, which asks the guest’s kernel (cc) …`,
      'cc',
      ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-o', `${BUILD}/${program}`, `test/vm/fixtures/${program}.c`],
      { failure: 'A C program of the test machine could not be built: the compiler says why above.' },
    );
  }
  const args = process.argv.slice(2);
  if (args.length > 0) return runPinned(MAIN, args);

  mkdirSync(RESULTS, { recursive: true });
  const counts = [await counted('the machine itself', join(BIN, 'vitest'), [], ['--config', 'test/vm/vitest.config.ts'])];
  for (const suite of SUITES) counts.push(await suiteIn(suite));
  const { line, failed } = summaryLine(counts);
  console.log(line);
  return failed === 0 ? 0 : 1;
});
