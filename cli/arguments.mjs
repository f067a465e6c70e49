// What the command line is asked to do: a command, its names and its options. Plain JavaScript for Node 20.
import { parseArgs } from 'node:util';
import { argumentFault } from '../server/flags.mjs';

export const USAGE = `Usage:
  cgdeck launch -f FILE [--name NAME]     launch the request in a JSON file (- for standard input)
  cgdeck launch TEMPLATE [--name NAME]    launch a saved template
  cgdeck stop NAME [--grace SECONDS]      SIGTERM, and after the grace time SIGKILL to its group
  cgdeck output NAME [--stream out|err]   all that is kept of what it wrote
  cgdeck report ID                        why the kernel killed: the report about an event, as text
  cgdeck calls                            every call of the API with its parameters
  cgdeck call CALL [PARAMETER=VALUE...]   make a call, print its answer as JSON; -f FILE: its body

  --raw         print control characters unchanged, also on a terminal, which obeys them
  NAME is what it was launched as, or its group's path.
  CGDECK_URL    where cgdeck listens (default http://127.0.0.1:7420)
  CGDECK_TOKEN  the operator's token
`;

/** A refusal in one sentence for the person at the terminal. */
export class Refusal extends Error {}

/** Each command with the names that it takes, at least and at most, and its options besides --raw. */
const COMMANDS = {
  launch: { names: [0, 1], options: ['file', 'name'] },
  stop: { names: [1, 1], options: ['grace'] },
  output: { names: [1, 1], options: ['stream'] },
  report: { names: [1, 1], options: [] },
  calls: { names: [0, 0], options: [] },
  call: { names: [1, Number.POSITIVE_INFINITY], options: ['file'] },
};

const NEEDED = { call: 'a CALL', report: 'an ID' };

const OPTIONS = {
  file: { type: 'string', short: 'f' },
  name: { type: 'string' },
  grace: { type: 'string' },
  stream: { type: 'string' },
  raw: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

/** @returns what is wrong with a command’s names and options; undefined if nothing is */
function misuse(command, names, given) {
  const {
    names: [least, most],
    options,
  } = COMMANDS[command];
  if (names.length < least) return `${command} needs ${NEEDED[command] ?? 'a NAME'}.`;
  if (names.length > most) return `${command} does not take "${names[most]}".`;
  const foreign = given.find((option) => option !== 'raw' && !options.includes(option));
  return foreign && `${command} does not take --${foreign}.`;
}

/**
 * @param {readonly string[]} args
 * @returns undefined if help was asked for
 * @throws Refusal with what is wrong, and what is known
 */
export function readArguments(args) {
  const refuse = (sentence) => {
    throw new Refusal(`${sentence}\n\n${USAGE}`);
  };
  let parsed;
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    refuse(argumentFault(error));
  }
  const { help, ...options } = parsed.values;
  if (help) return undefined;
  const [command, ...names] = parsed.positionals;
  if (command === undefined) throw new Refusal(USAGE);
  if (!Object.hasOwn(COMMANDS, command)) refuse(`There is no command "${command}".`);
  const fault = misuse(command, names, Object.keys(options));
  if (fault) refuse(fault);
  return { command, names, options };
}
