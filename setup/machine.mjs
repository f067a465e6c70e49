// What cgdeck needs of the machine before anything is installed or built: one clear sentence for each thing that is missing.
import { accessSync, constants, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { SetupError } from './setup-error.mjs';

const OLDEST_NODE = 20;

function isOnPath(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

export function checkNode() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
    throw new SetupError(
      `This is Node ${process.versions.node}, and cgdeck's set-up needs Node ${OLDEST_NODE} or newer: install one and start again.`,
    );
  }
}

/** @param {string} command as the person typed it */
export function checkRoot(command) {
  if (process.getuid?.() !== 0)
    throw new SetupError(`cgdeck reads and writes control groups and needs root for it: run "sudo ${command}".`);
}

/** Root, or a user who names a group with --root, or whose own group of cgroup v2 is delegated; the supervisor checks the rest. */
export function checkUser(command, args) {
  if (process.getuid?.() === 0 || process.env.CGDECK_ROOT || args.some((arg) => /^--root(=|$)/.test(arg)) || isOwnGroupDelegated()) return;
  throw new SetupError(
    `cgdeck needs root, or a part of the control groups that was delegated to you: run "sudo ${command}", or "systemd-run --user --scope -p Delegate=yes ${command}", or name a group that you may write to with --root.`,
  );
}

function isOwnGroupDelegated() {
  const own = /^0::(\/.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1];
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2')?.[1];
  try {
    accessSync(`${mount}${own}/cgroup.procs`, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function checkCompiler() {
  if (!isOnPath('make'))
    throw new SetupError(
      'The program make is missing, which builds the launcher: install it (on Debian: apt-get install make gcc libc6-dev).',
    );
  if (!isOnPath('cc') && !isOnPath('gcc')) {
    throw new SetupError('A C compiler is missing, which builds the launcher: install one (on Debian: apt-get install gcc libc6-dev).');
  }
}

export function checkControlGroups() {
  const types = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[2]);
  if (!types.includes('cgroup') && !types.includes('cgroup2')) {
    throw new SetupError(
      'No control groups are mounted on this machine (no cgroup or cgroup2 line in /proc/self/mounts): mount them and start again.',
    );
  }
}

/** What npm run test:vm needs: Debian's packages for this processor, and util-linux to keep a machine in. */
export function checkEmulation() {
  if (process.arch !== 'x64')
    throw new SetupError(
      `The test machine has an x86-64 processor, as the one it borrows its programs from must have: this one is ${process.arch}.`,
    );
  for (const program of ['apt-get', 'dpkg-deb', 'flock', 'unshare', 'setpriv', 'timeout']) {
    if (!isOnPath(program))
      throw new SetupError(`The program ${program} is missing, which the test machine needs: run npm run test:vm on Debian.`);
  }
}

/** The address among flags and variables; undefined for one that the supervisor refuses. */
function listenAddress(args) {
  const flag = args.findLastIndex((arg) => arg === '--listen' || arg.startsWith('--listen='));
  const named = flag === -1 ? undefined : args[flag] === '--listen' ? args[flag + 1] : args[flag].slice('--listen='.length);
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(named ?? process.env.CGDECK_LISTEN ?? '127.0.0.1:7420');
  return match && { host: match[1] ?? match[2], port: Number(match[3]) };
}

/** Looked at before a build that may take a minute; the web process finds out as well, should the port be taken meanwhile. */
export async function checkPort(args) {
  const address = listenAddress(args);
  if (!address || address.port > 65_535) return;
  const server = createServer();
  const problem = await new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(address.port, address.host, () => resolve(undefined));
  });
  if (!problem) await new Promise((resolve) => server.close(resolve));
  if (problem?.code === 'EADDRINUSE') {
    throw new SetupError(
      `Port ${address.port} on ${address.host} is in use: stop what listens there, or name another one with --listen ADDRESS:PORT.`,
    );
  }
}
