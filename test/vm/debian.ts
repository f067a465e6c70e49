// Debian's packages without installing them: apt finds and checks them, with lists of its own, and they are unpacked into a folder.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CACHE } from './parts.ts';

/** A run that hangs on the network ends. */
const LONGEST_RUN_MS = 300_000;

/** @returns its standard output; throws with what it said when it fails */
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

/** The machine's sources and keys, but lists of our own: the machine's may be old or absent, and its locks are not taken. */
function apt(program: 'apt-get' | 'apt-cache', args: readonly string[], cwd = CACHE): Promise<string> {
  const lists = join(CACHE, 'apt', 'lists');
  const archives = join(CACHE, 'apt', 'cache');
  for (const folder of [lists, archives]) mkdirSync(join(folder, 'partial'), { recursive: true });
  // apt's own user could not write into a folder below root's home.
  const options = [`Dir::State::Lists=${lists}`, `Dir::Cache=${archives}`, 'APT::Sandbox::User=root'];
  return run(program, [...options.flatMap((option) => ['-o', option]), ...args], cwd);
}

let updated: Promise<string> | undefined;
/** Once a run. A source that does not answer fails it only when a package is then not found. */
function updateLists(): Promise<string> {
  updated ??= apt('apt-get', ['-q', 'update']).catch((error: Error) => {
    console.log(error.message);
    return '';
  });
  return updated;
}

/** These packages, and those that they need and this machine does not have. */
export async function namesFor(packages: readonly string[]): Promise<string[]> {
  await updateLists();
  const plan = await apt('apt-get', ['--simulate', '--no-install-recommends', 'install', ...packages]);
  const needed = Array.from(plan.matchAll(/^Inst (\S+)/gm), ([, name = '']) => name);
  return [...new Set([...packages, ...needed])];
}

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
