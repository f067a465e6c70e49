// The flags of a start: what each wants and is for. Plain JavaScript for Node 20: a start answers --help and a wrong flag before it installs or builds.
import { parseArgs } from 'node:util';

/** Every flag; `more`: what the help shows below it. */
const FLAGS = {
  listen: { type: 'string', wants: 'ADDRESS:PORT', help: '127.0.0.1:7420; another address needs TLS or --behind-proxy' },
  root: { type: 'string', wants: 'GROUP', help: '/cgdeck: writes reach only groups below it' },
  control: { type: 'string', multiple: true, wants: 'GLOB', help: 'further groups that may be written to, such as /docker/**' },
  interval: { type: 'string', wants: 'MS', help: '1000: milliseconds between two readings, 100 to 60000' },
  'state-dir': { type: 'string', wants: 'FOLDER', help: '/var/lib/cgdeck: event log, journal, launches' },
  'run-dir': { type: 'string', wants: 'FOLDER', help: '/run/cgdeck: the agent’s socket' },
  share: { type: 'string', multiple: true, wants: 'FOLDER', help: '/srv, /var/lib/machines: what may become the root of a launch' },
  'network-range': { type: 'string', wants: 'NETWORK', help: '10.186.0.0/16: where routed networks get their subnets from' },
  pressure: { type: 'string', multiple: true, wants: 'RESOURCE', help: 'memory: or cpu, io, memory=some10,some30,full40, none' },
  forecast: { type: 'string', wants: 'SECONDS', help: '60: warns when a limit will be met within this; 0: never' },
  'tls-cert': { type: 'string', wants: 'FILE', help: 'the certificate, as PEM; with --tls-key' },
  'tls-key': { type: 'string', wants: 'FILE', help: 'its key, as PEM' },
  'behind-proxy': { type: 'boolean', wants: '', help: 'a proxy ends TLS and sets X-Forwarded-*' },
  'notify-local': { type: 'boolean', wants: '', help: 'notices may be sent to this machine itself' },
  help: { type: 'boolean', short: 'h', wants: '', help: 'shows this' },
};

/** One screen for the terminal. */
export const USAGE = `Usage: npm start -- [OPTION...]

${Object.entries(FLAGS)
  .map(([name, { wants, help }]) => `  ${`--${name} ${wants}`.padEnd(26)}${help}\n`)
  .join('')}
--control, --share and --pressure may be given several times. Each option also has
a variable: CGDECK_LISTEN for --listen, CGDECK_STATE_DIR for --state-dir. Only as
variables: CGDECK_TOKEN, the operator's token; CGDECK_VIEWER_TOKEN, one that may only read.
`;

/** What is wrong with the arguments, in one sentence: the first of what Node has to report (node:util, parseArgs). */
export function argumentFault(error) {
  return `${error.message.split(/\.?\n|\. /, 1)[0].replace(/\.$/, '')}.`;
}

/** @throws Error with one sentence for a flag that is unknown, lacks its value or has one that it does not take */
export function readFlags(args) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new Error(argumentFault(error), { cause: error });
  }
}
