// Debian's packages without installing them: apt finds and checks them, with lists of its own, and they are unpacked into a folder.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CACHE } from './parts.ts';

/** A run that hangs on the network ends. */
const LONGEST_RUN_MS = 300_000;

const RELEASE = 'bookworm';
const BACKPORTS = `${RELEASE}-backports`;
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';
const MACHINES_SOURCES = '/etc/apt/sources.list.d';
const SOURCES = join(CACHE, 'apt', 'sources.list.d');

/** @returns its standard output; throws with its output when it fails */
async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [output, complaints, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new Error(`${file} ${args.slice(0, 3).join(' ')} … failed:\n${complaints.trim() || output.trim()}`);
  return output;
}

/** The machine's keys, but lists of our own: the machine's may be old or absent, and its locks are not taken. */
function apt(program: 'apt-get' | 'apt-cache', args: readonly string[], cwd = CACHE): Promise<string> {
  const lists = join(CACHE, 'apt', 'lists');
  const archives = join(CACHE, 'apt', 'cache');
  for (const folder of [lists, archives]) mkdirSync(join(folder, 'partial'), { recursive: true });
  // apt's own user could not write into a folder below root's home.
  const options = [`Dir::State::Lists=${lists}`, `Dir::Cache=${archives}`, 'APT::Sandbox::User=root'];
  if (existsSync(SOURCES)) options.push(`Dir::Etc::SourceParts=${SOURCES}`);
  return run(program, [...options.flatMap((option) => ['-o', option]), ...args], cwd);
}

/** A source that does not answer fails it only when a package is then not found. */
async function readLists(): Promise<void> {
  await apt('apt-get', ['-q', 'update']).catch((error: Error) => console.log(error.message));
}

/** The machine's sources, and with them the backports of its release from where it has that, if it has not got them itself. */
async function update(): Promise<void> {
  rmSync(SOURCES, { recursive: true, force: true });
  await readLists();
  // It reports only lists that exist.
  const lists = (await apt('apt-get', ['indextargets', '--format', '$(CODENAME)/$(COMPONENT) $(REPO_URI)', 'Created-By: Packages'])).split(
    '\n',
  );
  const mainOf = (release: string) => lists.find((list) => list.startsWith(`${release}/main `))?.split(' ')[1];
  const mirror = mainOf(RELEASE);
  if (mirror === undefined || mainOf(BACKPORTS) !== undefined) return;
  if (existsSync(MACHINES_SOURCES)) cpSync(MACHINES_SOURCES, SOURCES, { recursive: true, dereference: true });
  else mkdirSync(SOURCES, { recursive: true });
  writeFileSync(join(SOURCES, 'cgdeck-backports.list'), `deb [signed-by=${KEYS}] ${mirror} ${BACKPORTS} main\n`);
  await readLists();
}

let updated: Promise<void> | undefined;
/** Once a run. */
const updateLists = () => (updated ??= update());

/** These packages, and those that they need and this machine does not have, as apt-get download takes them. */
export async function namesFor(packages: readonly string[]): Promise<string[]> {
  await updateLists();
  const plan = await apt('apt-get', ['--simulate', '--no-install-recommends', 'install', ...packages]);
  const needed = Array.from(plan.matchAll(/^Inst (\S+)/gm), ([, name = '']) => name);
  const named = packages.map((each) => each.replace(/\/.*/, ''));
  return [...packages, ...needed.filter((name) => !named.includes(name))];
}

/** A package of the release's backports, as apt takes it. */
export const backport = (name: string): string => `${name}/${BACKPORTS}`;
/** The release's own package, where the backports have one too. */
export const original = (name: string): string => `${name}/${RELEASE}`;

/** The newest package whose name has this beginning and end, and a version between them. */
export async function newest(beginning: string, end: string): Promise<string> {
  await updateLists();
  const names = (await apt('apt-cache', ['pkgnames', beginning])).split('\n');
  const versions = names.filter((name) => name.endsWith(end)).map((name) => name.slice(beginning.length, -end.length));
  const [last] = versions.sort(new Intl.Collator('en', { numeric: true }).compare).reverse();
  if (last === undefined) throw new Error(`No package ${beginning}…${end} is in this machine's sources: Debian 12 has it.`);
  return beginning + last + end;
}

/** apt checks each file against the signed lists. */
export async function download(packages: readonly string[], folder: string): Promise<void> {
  await updateLists();
  mkdirSync(folder, { recursive: true });
  await apt('apt-get', ['-q', 'download', ...packages], folder);
}

/** Unpacks all of a folder's packages, and removes them. */
export async function unpack(debs: string, target: string): Promise<void> {
  for (const deb of readdirSync(debs)) await run('dpkg-deb', ['--extract', join(debs, deb), target], CACHE);
  rmSync(debs, { recursive: true });
}
