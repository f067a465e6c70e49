// npm start: checks the machine, installs and builds what is missing, and becomes the supervisor.
import { runPinned } from './hand-over.mjs';
import { checkCompiler, checkControlGroups, checkNode, checkPort, checkUser } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { runToExit } from './setup-error.mjs';

const args = process.argv.slice(2);

runToExit(async () => {
  checkNode();
  checkUser('npm start', args);
  checkControlGroups();
  checkCompiler();
  await checkPort(args);
  await prepare(['launcher', 'server', 'pages']);
  return runPinned('dist/server/main.js', args);
});
