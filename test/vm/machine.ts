// Boots a kernel under qemu and runs one command in it as root, on a writable layer over this machine's read-only root.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { archive } from './initramfs.ts';
import { CACHE, folderOf, type Kernel, prepareParts } from './parts.ts';
import { type Forward, qemuCommand, qemuLibraries, virtiofsd } from './qemu.ts';

/** `systemd`: v2, mounted by systemd, which is process 1 there. */
export const MODES = ['v2', 'v1', 'hybrid', 'systemd'] as const;
export type Mode = (typeof MODES)[number];

export interface MachineOptions {
  readonly kernel: Kernel;
  /** Which hierarchies are mounted. Debian's 6.12 knows v1's memory controller no more, so it takes v2 only. */
  readonly mode: Mode;
  /** Run as root in this folder; it gets its own process session and no input. */
  readonly command: readonly string[];
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Boot included; then everything is killed. */
  readonly timeoutMs: number;
  /** Whether routed networks can be made: it takes modules with which each new namespace is slower. True by default. */
  readonly network?: boolean;
  /** 256 MiB of swap; true by default. */
  readonly swap?: boolean;
  readonly memoryMiB?: number;
  /** Two by default. */
  readonly processors?: number;
  readonly forward?: readonly Forward[];
  /** Folders of this machine that the guest may write, under their own names. */
  readonly writable?: readonly string[];
}

/** `lost`: the guest stopped before the command ended. `stopped`: by `stop()`, or because somebody else killed it. */
export type Ending =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'deadline' | 'lost'; readonly console: string }
  | { readonly kind: 'stopped' };

export interface Machine {
  /** What the command writes, errors too, as it comes. It has to be read. */
  readonly output: Readable;
  readonly ended: Promise<Ending>;
  /** Kills whatever runs. Without it, too, nothing outlives the process that booted the machine. */
  stop(): Promise<void>;
}

/** Where a machine's files are, each in a file system of its own that only its namespace has. */
const WORK = join(CACHE, 'work');
/** The guest has what is installed here. */
const SYSTEMD = '/lib/systemd/systemd';
const GUEST = join(import.meta.dirname, 'guest');

/** nftables, veth and tbf, by the beginnings of their files' names behind the number. */
const OF_NETWORKS = /^\d+-(veth|sch_|nf|libcrc32c)/;

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

function initramfs(options: MachineOptions): Buffer {
  const { mode, swap = true, network = true, writable = [], directory, command, env = {} } = options;
  const modules = join(folderOf(`kernel-${options.kernel}`), 'modules');
  const names = readdirSync(modules).filter((name) => network || !OF_NETWORKS.test(name));
  const settings = { MODE: mode, SWAP: swap ? 'yes' : 'no', DIRECTORY: directory };
  const argv = ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...command];
  return archive(
    ['bin', 'dev', 'proc', 'sys', 'modules', 'host', 'layer', 'root'],
    [
      { name: 'bin/busybox', content: readFileSync(join(folderOf('qemu'), 'bin/busybox')) },
      ...['init', 'session.sh', 'run.sh'].map((name) => ({ name, content: readFileSync(join(GUEST, name)) })),
      ...names.map((name) => ({ name: `modules/${name}`, content: readFileSync(join(modules, name)) })),
      {
        name: 'settings.sh',
        content: Object.entries(settings)
          .map(([name, value]) => `${name}=${quoted(value)}\n`)
          .join(''),
      },
      { name: 'writable', content: writable.map((path) => `${path}\n`).join('') },
      { name: 'command', content: argv.map((arg) => `${arg}\0`).join('') },
    ],
  );
}

/** The mounts on the way to a folder, the root first: a clone may lie on a file system of its own. */
function mountsTo(folder: string): string[] {
  const points = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[1] ?? '').replaceAll('\\040', ' '));
  const onTheWay = points.filter((point) => point.startsWith('/') && `${folder}/`.startsWith(point === '/' ? '/' : `${point}/`));
  return [...new Set(['/', ...onTheWay])].sort();
}

function endingOf(verdict: string, console: string): Ending {
  const [kind, code] = verdict.trim().split(' ');
  if (kind === 'exit') return { kind, code: Number(code) };
  if (kind === 'deadline' || kind === 'lost') return { kind, console };
  return console.trim() === '' ? { kind: 'stopped' } : { kind: 'lost', console };
}

/** Fetches what is missing first, which the deadline does not count. Needs root: it shares this machine's root with the guest. */
export async function bootMachine(options: MachineOptions): Promise<Machine> {
  const { kernel, mode, memoryMiB = 1024, processors = 2, forward = [], directory, writable = [], timeoutMs } = options;
  if (mode === 'systemd' && !existsSync(SYSTEMD))
    throw new Error(
      `A machine with systemd needs this one's, and there is no ${SYSTEMD}: install systemd, libpam-systemd and dbus-user-session.`,
    );
  if (kernel === '6.12' && (mode === 'v1' || mode === 'hybrid'))
    throw new Error('Kernel 6.12 has no memory controller for v1: boot 6.1 for v1 and hybrid.');
  await prepareParts(['qemu', `kernel-${kernel}`]);
  mkdirSync(WORK, { recursive: true });

  const qemu = qemuCommand({ kernel, memoryMiB, processors, forward }, WORK);
  const inNamespace = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--propagation', 'private'];
  // The kernel kills unshare with the process that booted the machine, and with unshare all that it started.
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', ...inNamespace, 'sh', join(import.meta.dirname, 'host.sh'), String(timeoutMs / 1000), ...qemu],
    {
      env: {
        ...process.env,
        ...{ LIBRARIES: qemuLibraries(), VIRTIOFSD: virtiofsd() },
        ...{ WORK, MOUNTS: mountsTo(directory).join('\n'), WRITABLE: writable.join('\n') },
      },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    },
  );
  const [, , , third] = child.stdio;
  if (!(third instanceof Readable)) throw new Error('The machine has no third descriptor to report how it ended.');
  const verdict = text(third);
  const complaints = text(child.stderr);
  // Not 'close': that waits for whoever reads the output.
  const exited = new Promise<void>((resolve, reject) => child.once('error', reject).once('exit', () => resolve()));
  // A host that ends early reads no archive; how it ended is the reason.
  child.stdin.on('error', () => undefined).end(initramfs(options));
  return {
    output: child.stdout,
    ended: exited.then(async () => endingOf(await verdict, await complaints)),
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
