// Groups that a test run has left behind: found by name, killed, removed, and returned.
import { existsSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hierarchies } from './mounts.ts';

/** Roots carry the pid of the Playwright process, so that two runs never touch each other's. */
export function rootsOf(runPid: number): string {
  return `cgdeck-test-e2e-${runPid}-`;
}

function foldersBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [...foldersBelow(join(folder, name)), join(folder, name)]);
}

/** Deepest first, the order of removal. */
export function leftovers(prefix: string): string[] {
  return [...hierarchies().values()].flatMap((mountPoint) =>
    readdirSync(mountPoint)
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => [...foldersBelow(join(mountPoint, name)), join(mountPoint, name)]),
  );
}

/** All processes in groups with such a name were started by these tests. */
export async function removeLeftovers(prefix: string): Promise<string[]> {
  const left = leftovers(prefix);
  for (const folder of left.filter((folder) => folder.includes('/freezer/'))) {
    // Processes frozen by v1 do not end.
    writeFileSync(join(folder, 'freezer.state'), 'THAWED');
  }
  for (const folder of left) {
    while (existsSync(folder)) {
      for (const pid of readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean)) endProcess(Number(pid));
      try {
        rmdirSync(folder);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('EBUSY')) throw error;
        // Killed processes leave the group when they are reaped.
        await new Promise((again) => setImmediate(again));
      }
    }
  }
  return left;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}
