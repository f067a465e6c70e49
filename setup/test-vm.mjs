// npm run test:vm: all the tests in machines with other kernels and hierarchies than this one's; with arguments, one command in one machine.
import { FOR_TESTS, preparePrograms } from './debian.mjs';
import { runPinned } from './hand-over.mjs';
import { checkCompiler, checkEmulation, checkNode, checkRoot } from './machine.mjs';
import { MAIN, prepareMachines, testMachines } from './machines.mjs';
import { prepare } from './prepare.mjs';
import { runToExit } from './setup-error.mjs';
import { summaryLine } from './tally.mjs';

runToExit(async () => {
  checkNode();
  checkRoot('npm run test:vm');
  checkEmulation();
  checkCompiler();
  const args = process.argv.slice(2);
  await prepare(args.length > 0 ? ['launcher', 'server'] : ['launcher', 'server', 'pages']);
  await prepareMachines();
  if (args.length > 0) return runPinned(MAIN, args);
  await preparePrograms(FOR_TESTS);
  const { line, failed } = summaryLine(await testMachines(true));
  console.log(line);
  return failed === 0 ? 0 : 1;
});
