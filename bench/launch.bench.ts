// From the start of a launcher to its end, with /bin/true in pid, mount, host name, IPC and network namespaces in between: ours against
// unshare, bubblewrap and runc, in turns.
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildDir } from '../native/libc/library.ts';
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';

const ROUNDS = 200;
/** Before anything counts: what is read from the disk is in memory then. */
const WARM_UP = 10;
const OVER_UNSHARE = 1.3;
const PROGRAM = '/bin/true';
const KINDS = ['pid', 'mnt', 'uts', 'ipc', 'net'];

interface Contestant {
  /** Runs once, to the end. */
  readonly run: () => void;
}

function mustSucceed(argv: readonly string[], stdio: (number | 'ignore')[] = ['ignore', 'ignore', 'ignore']): void {
  const [program = '', ...args] = argv;
  const { status, error } = spawnSync(program, args, { stdio, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', NODE_ENV: 'production' } });
  if (error || status !== 0) throw new Error(`${argv.join(' ')} ended with ${status}`, { cause: error });
}

/** The monitor is the same process: its end is that of the whole launch, with the record of the exit written. */
function ours(folder: string): Contestant {
  const file = join(folder, 'request');
  const records = [`dir=${folder}`, ...KINDS.map((kind) => `ns=${kind}`), 'uid=0', 'gid=0', `arg=${PROGRAM}`];
  writeFileSync(file, records.map((record) => `${record}\0`).join(''));
  const status = openSync('/dev/null', 'w');
  return {
    run: () => {
      const request = openSync(file, 'r');
      mustSucceed([join(buildDir, 'launch')], ['ignore', 'ignore', 'ignore', request, status]);
      closeSync(request);
    },
  };
}

const unshare: Contestant = {
  run: () => mustSucceed(['unshare', '-p', '-f', '-n', '-i', '-u', '-m', '--mount-proc', PROGRAM]),
};

const bubblewrap: Contestant = {
  run: () => {
    const namespaces = ['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts'];
    mustSucceed(['bwrap', ...namespaces, '--bind', '/', '/', '--proc', '/proc', PROGRAM]);
  },
};

/** The program and the libraries that it is linked with. */
function copyProgram(root: string): void {
  const { stdout } = spawnSync('ldd', [PROGRAM], { encoding: 'utf8' });
  for (const file of [PROGRAM, ...(stdout.match(/\/\S+/g) ?? [])]) {
    mkdirSync(join(root, dirname(file)), { recursive: true });
    copyFileSync(file, join(root, file));
  }
}

function runc(folder: string, ground: Ground): Contestant {
  const bundle = join(folder, 'bundle');
  copyProgram(join(bundle, 'rootfs'));
  const config = {
    ociVersion: '1.0.2',
    process: { terminal: false, user: { uid: 0, gid: 0 }, args: [PROGRAM], env: [], cwd: '/', noNewPrivileges: true },
    root: { path: 'rootfs', readonly: true },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: {
      namespaces: ['pid', 'mount', 'uts', 'ipc', 'network'].map((type) => ({ type })),
      cgroupsPath: `${ground.root}/runc`,
    },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  const state = join(folder, 'state');
  return { run: () => mustSucceed(['runc', '--root', state, 'run', '--bundle', bundle, 'cgdeck-bench']) };
}

const isInstalled = (program: string) => ['/usr/bin', '/usr/sbin', '/bin'].some((folder) => existsSync(join(folder, program)));

/** In turns of two, so that whatever else the machine does, and what a namespace leaves to be cleaned up, meets both alike. */
function measure(pair: readonly [Contestant, Contestant]): [number, number] {
  const values: [number[], number[]] = [[], []];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const i of [0, 1] as const) {
      const started = performance.now();
      pair[i].run();
      if (round >= 0) values[i].push(performance.now() - started);
    }
  }
  return [quantile(values[0], 0.5), quantile(values[1], 0.5)];
}

export async function bench(ground: Ground): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cgdeck-bench-'));
  ground.onRemove(async () => rmSync(folder, { recursive: true, force: true }));
  const others: [string, string, () => Contestant][] = [
    ['unshare', 'unshare', () => unshare],
    ['bubblewrap', 'bwrap', () => bubblewrap],
    ['runc', 'runc', () => runc(folder, ground)],
  ];
  const launcher = ours(folder);
  return others.map(([name, program, make]): Figure => {
    const what = `${PROGRAM} in ${KINDS.length} namespaces`;
    if (!isInstalled(program)) return { name: what, cgdeck: '', comparedWith: `${name}, which is not installed` };
    const [own, theirs] = measure([launcher, make()]);
    const limit = name === 'unshare' ? OVER_UNSHARE : 1;
    return {
      name: what,
      cgdeck: `median ${ms(own)}`,
      comparedWith: `${name}, median ${ms(theirs)}, ${ROUNDS} times in turns`,
      ratio: (own / theirs).toFixed(2),
      target: `at most ${limit.toFixed(2)}`,
      met: own <= theirs * limit,
    };
  });
}
