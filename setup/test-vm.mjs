// npm run test:vm: the tests in machines with other kernels and hierarchies than this one's; those of one mode where it is named, and with "whole" everything that there is; with other arguments, one command in one machine.
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
  const which = args.at(-1) === 'whole' ? 'whole' : 'further';
  const [mode, ...more] = which === 'whole' ? args.slice(0, -1) : args;
  const command = mode !== undefined && (more.length > 0 || !MODES.includes(mode));
  await prepare(command ? ['launcher', 'server'] : ['launcher', 'server', 'pages']);
  await prepareMachines();
  if (command) return runPinned(MAIN, args);
  await preparePrograms(FOR_TESTS);
  const { line, failed } = summaryLine(await testMachines({ which, mode }));
  console.log(line);
  return failed === 0 ? 0 : 1;
});
