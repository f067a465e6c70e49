// Programs that only tests and benches need, from Debian's packages: installed once, where they are not there.
import { chmodSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { environmentWithoutNpm } from './project.mjs';
import { SetupError } from './setup-error.mjs';
import { step } from './tool.mjs';

const FOLDERS = ['/usr/bin', '/usr/sbin', '/bin', '/sbin'];
const isThere = (program) => FOLDERS.some((folder) => existsSync(`${folder}/${program}`));

/** What the tests need beside a compiler: a browser, and what routed networks are made with. Each program with its package. */
export const FOR_TESTS = {
  'chromium-headless-shell': 'chromium-headless-shell',
  ip: 'iproute2',
  tc: 'iproute2',
  nft: 'nftables',
  git: 'git',
  gpg: 'gpg',
  python3: 'python3',
  strace: 'strace',
  gdb: 'gdb-minimal',
};
/** What the bench holds the launcher against. */
export const FOR_BENCH = { bwrap: 'bubblewrap', runc: 'runc' };

/** Servers that tests launch: unpacked beside the machine's programs, because an installation would start them. */
export const UNPACKED = {
  folder: '/usr/local/lib/cgdeck-test-programs',
  packages: ['nginx', 'redis-tools', 'libjemalloc2', 'liblzf1', 'postgresql-15'],
};

/** @throws SetupError where they cannot be downloaded */
export async function prepareUnpacked({ folder, packages }) {
  if (existsSync(folder)) return;
  const failure = `${packages.join(', ')} could not be downloaded: apt-get’s reason is above.`;
  const made = mkdtempSync(`${folder}-`);
  await step(
    `Downloading ${packages.join(', ')} for tests (apt-get download) …`,
    'sh',
    ['-c', 'cd "$1" && shift && exec apt-get download -q "$@"', 'sh', made, ...packages],
    { failure },
  );
  for (const name of readdirSync(made).filter((one) => one.endsWith('.deb'))) {
    await step(`Unpacking ${name} …`, 'dpkg-deb', ['-x', join(made, name), join(made, 'root')], { failure });
    rmSync(join(made, name));
  }
  chmodSync(made, 0o755);
  renameSync(made, folder);
}

/**
 * @param {Readonly<Record<string, string>>} programs each with the package that brings it
 * @throws SetupError where something is missing and cannot be installed
 */
export async function preparePrograms(programs) {
  const missing = Object.entries(programs).filter(([program]) => !isThere(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, name]) => name))];
  const names = packages.join(', ');
  if (!existsSync('/usr/bin/apt-get'))
    throw new SetupError(`This needs ${names}, and there is no apt-get on this machine to install it: install it by hand.`);
  const env = { ...environmentWithoutNpm(), DEBIAN_FRONTEND: 'noninteractive' };
  const failure = `${names} could not be installed: apt-get’s reason is above.`;
  await step('Asking for the package lists (apt-get update) …', 'apt-get', ['update', '-q'], { failure, env });
  const install = ['install', '-y', '-q', '--no-install-recommends', ...packages];
  await step(`Installing ${names} (apt-get install) …`, 'apt-get', install, { failure, env });
  const still = missing.filter(([program]) => !isThere(program)).map(([program]) => program);
  if (still.length > 0) throw new SetupError(`apt-get has installed ${names}, but ${still.join(', ')} is not where it is looked for.`);
}
