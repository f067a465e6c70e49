// Runs one command in a machine: its output is ours, and so is its exit code.
import { machineFrom } from './arguments.ts';
import { COMPILED, environmentFor, ROOT } from './environment.ts';
import { bootMachine, type Ending } from './machine.ts';

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
  const options = machineFrom(process.argv.slice(2));
  const machine = await bootMachine({
    ...options,
    env: environmentFor(options),
    directory: ROOT,
    writable: [...options.writable, COMPILED],
  });
  machine.output.pipe(process.stdout);
  process.exitCode = codeOf(await machine.ended);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
