// What npm run test:vm accepts: options of the machine, and then the command to run in it, with options of its own.
import { parseArgs } from 'node:util';
import { type MachineOptions, MODES } from './machine.ts';
import { KERNELS } from './parts.ts';
import type { Forward } from './qemu.ts';

export const USAGE = `Usage: npm run test:vm -- [--mode ${MODES.join('|')}] [--kernel ${KERNELS.join('|')}] [--swap yes|no] [--network yes|no] [--seconds N] [--processors N] [--forward HOST:GUEST]… [--writable FOLDER]… [--] COMMAND …`;

function oneOf<T extends string>(values: readonly T[], value: string): T {
  const found = values.find((each) => each === value);
  if (found === undefined) throw new Error(`"${value}" is none of ${values.join(', ')}.\n${USAGE}`);
  return found;
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new Error(`"${value}" is not a whole number above 0.\n${USAGE}`);
  return number;
}

/** The first word that is neither an option (each has a value) nor its value, or what follows `--`. */
function split(args: readonly string[]): { options: string[]; command: string[] } {
  let at = 0;
  while (at < args.length && args[at]?.startsWith('--') && args[at] !== '--') at += args[at]?.includes('=') ? 1 : 2;
  return { options: args.slice(0, at), command: args.slice(args[at] === '--' ? at + 1 : at) };
}

function forwardFrom(text: string): Forward {
  const [host = '', guest = ''] = text.split(':');
  return { host: positive(host), guest: positive(guest) };
}

export function machineFrom(args: readonly string[]): Omit<MachineOptions, 'directory'> & Required<Pick<MachineOptions, 'writable'>> {
  const { options, command } = split(args);
  const { values } = parseArgs({
    args: options,
    options: {
      mode: { type: 'string', default: 'v2' },
      kernel: { type: 'string', default: '6.1' },
      swap: { type: 'string', default: 'yes' },
      network: { type: 'string', default: 'yes' },
      seconds: { type: 'string', default: '600' },
      processors: { type: 'string', default: '2' },
      forward: { type: 'string', multiple: true, default: [] },
      writable: { type: 'string', multiple: true, default: [] },
    },
  });
  if (command.length === 0) throw new Error(`A command to run in the machine is missing.\n${USAGE}`);
  return {
    kernel: oneOf(KERNELS, values.kernel),
    mode: oneOf(MODES, values.mode),
    swap: oneOf(['yes', 'no'], values.swap) === 'yes',
    network: oneOf(['yes', 'no'], values.network) === 'yes',
    timeoutMs: positive(values.seconds) * 1000,
    command,
    writable: values.writable,
    processors: positive(values.processors),
    forward: values.forward.map(forwardFrom),
  };
}
