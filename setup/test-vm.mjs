// npm run test:vm: what this machine's kernel cannot show, in machines with others; with a mode, all tests of that mode; with "whole", everything that
// there is; with other arguments, one command in one machine.
import { FOR_TESTS, preparePrograms } from './debian.mjs';
import { runPinned } from './hand-over.mjs';
import { checkCompiler, checkEmulation, checkNode, checkRoot } from './machine.mjs';
import { MAIN, prepareMachines, testMachines } from './machines.mjs';
import { prepare } from './prepare.mjs';
import { runToExit } from './setup-error.mjs';
import { summaryLine } from './tally.mjs';

const MODES = ['v2', 'v1', 'hybrid', 'systemd'];

runToExit(async () => {
  checkNode();
  checkRoot('npm run test:vm');
  checkEmulation();
  checkCompiler();
  const args = process.argv.slice(2);
  const isWhole = args.at(-1) === 'whole';
  const [mode, ...more] = isWhole ? args.slice(0, -1) : args;
  const which = isWhole ? 'whole' : mode === undefined ? 'usual' : 'further';
  const command = mode !== undefined && (more.length > 0 || !MODES.includes(mode));
  await prepare(['launcher', 'sanitized', 'server', ...(command ? [] : ['pages'])]);
  await prepareMachines();
  if (command) return runPinned(MAIN, args);
  await preparePrograms(FOR_TESTS);
  const { line, failed } = summaryLine(await testMachines({ which, mode }));
  console.log(line);
  return failed === 0 ? 0 : 1;
});
