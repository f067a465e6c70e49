// The two folders of a run: one that survives it (state), and one for its socket (run).
import { chmodSync, existsSync, mkdirSync, readdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { User } from './machine.ts';
import { errnoOf, StartError } from './start-error.ts';

/** Keys and journal are only for root, or the user who runs cgdeck. */
const STATE_MODE = 0o700;
/** The web process can open the socket, but not list the folder. */
const RUN_MODE = 0o711;
/** Without root the web process is the same user as the agent. */
const OWN_RUN_MODE = 0o700;
const WRITABLE_BY_OTHERS = 0o022;

interface Folder {
  readonly stats: Stats;
  readonly made: boolean;
}

/** Node’s own recursive mkdir never returns where the file system refuses with ENOENT, as /proc does. @returns whether it was made */
function makeWithParents(path: string): boolean {
  if (existsSync(path)) return false;
  makeWithParents(dirname(path));
  mkdirSync(path);
  return true;
}

function makeFolder(path: string, mode: number, what: string): Folder {
  try {
    const made = makeWithParents(resolve(path));
    // chmod, since the umask applies to mkdir; a folder with content keeps its mode.
    if (readdirSync(path).length === 0) chmodSync(path, mode);
    return { stats: statSync(path), made };
  } catch (error) {
    throw new StartError(`The ${what} ${path} cannot be created (${errnoOf(error) ?? String(error)}): name another one.`, { cause: error });
  }
}

/** Who can write to the folder could replace our socket or key. */
function refuseForeign(path: string, stats: Stats, what: string): void {
  if (stats.uid !== process.getuid?.())
    throw new StartError(
      `The ${what} ${path} belongs to uid ${stats.uid}, not to ${process.getuid?.() === 0 ? 'root' : 'you'}: name another one.`,
    );
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new StartError(`The ${what} ${path} can be written to by other users: change its mode (chmod go-w) or name another one.`);
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
        `The web process (user ${user.name}) cannot reach its socket in ${path}, since it may not enter ${folder}: name another run directory.`,
      );
    }
    if (folder === dirname(folder)) return;
  }
}

/**
 * Creates both folders, the state folder with mode 0700 and the run folder with 0711, or 0700 without root; a folder with content keeps its mode.
 * @returns whether the run folder is new, and so to be removed at the end
 * @throws StartError if one cannot be created, is writable by others, or not accessible to the web process
 */
export function makeFolders(stateDir: string, runDir: string, user: User): boolean {
  refuseForeign(stateDir, makeFolder(stateDir, STATE_MODE, 'state directory').stats, 'state directory');
  const run = makeFolder(runDir, user.uid === process.getuid?.() ? OWN_RUN_MODE : RUN_MODE, 'run directory');
  refuseForeign(runDir, run.stats, 'run directory');
  checkReachable(resolve(runDir), user);
  return run.made;
}
