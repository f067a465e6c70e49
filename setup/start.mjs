// npm start: checks the machine, installs and builds what is missing, and becomes the supervisor.
import { readFlags, USAGE } from '../server/flags.mjs';
import { runPinned } from './hand-over.mjs';
import { checkCompiler, checkControlGroups, checkNode, checkPort, checkUser } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { runToExit, SetupError } from './setup-error.mjs';

const args = process.argv.slice(2);

function checkFlags() {
  try {
    return readFlags(args);
  } catch (error) {
    throw new SetupError(`${error.message}\n\n${USAGE.trimEnd()}`);
  }
}

runToExit(async () => {
  checkNode();
  if (checkFlags().help) {
    process.stdout.write(USAGE);
    return 0;
  }
  checkUser('npm start', args);
  checkControlGroups();
  checkCompiler();
  await checkPort(args);
  await prepare(['launcher', 'server', 'pages']);
  return runPinned('dist/server/main.js', args);
});
