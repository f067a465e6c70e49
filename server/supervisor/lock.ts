// One supervisor per folder: a pid file with an advisory lock, which the kernel releases when the process ends.
import { spawnSync } from 'node:child_process';
import { closeSync, constants, fstatSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { StartError } from './start-error.ts';

const PID_FILE = 'supervisor.pid';

/** A lock of flock(2) belongs to the open file: the one that flock(1) takes on our descriptor stays ours. */
function lockDescriptor(fd: number): boolean {
  const { error, status } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], { stdio: ['ignore', 'ignore', 'inherit', fd] });
  if (error) throw new StartError('The program flock (of util-linux) is missing: install it and start again.', { cause: error });
  return status === 0;
}

/** False if the previous owner has removed the file since we opened it. */
function isStillNamed(fd: number, file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  const held = fstatSync(fd);
  return stats?.ino === held.ino && stats.dev === held.dev;
}

export interface FolderLock {
  /** Removes the pid file and unlocks. */
  release(): void;
}

/** @throws StartError if another supervisor uses the folder; the file of an ended one is taken over */
export function lockFolder(folder: string, what: string): FolderLock {
  const file = join(folder, PID_FILE);
  for (;;) {
    const fd = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    if (!lockDescriptor(fd)) {
      const pid = readFileSync(fd, 'utf8').trim();
      closeSync(fd);
      throw new StartError(
        `cgdeck is already running with the ${what} ${folder} (process ${pid}): stop it first, or name another ${what}.`,
      );
    }
    if (!isStillNamed(fd, file)) {
      closeSync(fd);
      continue;
    }
    ftruncateSync(fd);
    writeSync(fd, `${process.pid}\n`, 0);
    return {
      release() {
        rmSync(file, { force: true });
        closeSync(fd);
      },
    };
  }
}
