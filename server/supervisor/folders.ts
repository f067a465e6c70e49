// The two folders of a run: what survives it (state) and where its socket is (run).
import { chmodSync, mkdirSync, readdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { User } from './machine.ts';
import { errnoOf, StartError } from './start-error.ts';

/** Tokens, the journal and the history are root's alone, or the user's who runs it. */
const STATE_MODE = 0o700;
/** The web process passes through to the socket, but cannot list. */
const RUN_MODE = 0o711;
/** Where the web process is the same user as the agent, nobody else has to come in. */
const OWN_RUN_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

interface Folder {
  readonly stats: Stats;
  readonly made: boolean;
}

function makeFolder(path: string, mode: number, what: string): Folder {
  try {
    const made = mkdirSync(path, { recursive: true }) !== undefined;
    // Not through mkdir, which takes the umask off; and a folder that already holds something keeps the mode it was given.
    if (readdirSync(path).length === 0) chmodSync(path, mode);
    return { stats: statSync(path), made };
  } catch (error) {
    throw new StartError(`The ${what} ${path} cannot be made (${errnoOf(error) ?? String(error)}): name another one.`, { cause: error });
  }
}

/** Whoever can write to the folder could put a socket or a key of their own in place of ours. */
function refuseForeign(path: string, stats: Stats, what: string): void {
  if (stats.uid !== process.getuid?.())
    throw new StartError(
      `The ${what} ${path} belongs to uid ${stats.uid}, not to ${process.getuid?.() === 0 ? 'root' : 'you'}: name another one.`,
    );
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new StartError(`The ${what} ${path} can be written to by other users: close it (chmod go-w) or name another one.`);
  }
}

function mayPass(stats: Stats, user: User): boolean {
  if (stats.uid === user.uid) return (stats.mode & 0o100) !== 0;
  if (stats.gid === user.gid) return (stats.mode & 0o010) !== 0;
  return (stats.mode & 0o001) !== 0;
}

function checkReachable(path: string, user: User): void {
  for (let folder = path; ; folder = dirname(folder)) {
    if (!mayPass(statSync(folder), user)) {
      throw new StartError(
        `The web process (user ${user.name}) could not reach its socket in ${path}, since ${folder} is closed to it: name another run directory.`,
      );
    }
    if (folder === dirname(folder)) return;
  }
}

/**
 * Makes both folders, the state folder with mode 0700 and the run folder with 0711, or 0700 without root; one that already holds something keeps its mode.
 * @returns whether the run folder is new, and so ours to remove
 * @throws StartError where one cannot be made, could be tampered with, or is closed to the web process
 */
export function makeFolders(stateDir: string, runDir: string, user: User): boolean {
  refuseForeign(stateDir, makeFolder(stateDir, STATE_MODE, 'state directory').stats, 'state directory');
  const run = makeFolder(runDir, user.uid === process.getuid?.() ? OWN_RUN_MODE : RUN_MODE, 'run directory');
  refuseForeign(runDir, run.stats, 'run directory');
  checkReachable(resolve(runDir), user);
  return run.made;
}
