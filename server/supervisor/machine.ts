// What a run needs of the machine, looked at before anything is started: control groups, and who the web process becomes.
import { readFileSync } from 'node:fs';
import { StartError } from './start-error.ts';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Debian's nobody and nogroup; the ids exist on every Linux, as the kernel's own overflow ids. */
const NOBODY: User = { name: 'nobody', uid: 65_534, gid: 65_534 };
const OWN_USER = 'cgdeck';

/** @throws StartError where no control groups are mounted */
export function checkMachine(): void {
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  if (!mounts.some((line) => /^cgroup2?$/.test(line.split(' ')[2] ?? ''))) {
    throw new StartError(
      'No control groups are mounted on this machine (no cgroup or cgroup2 line in /proc/self/mounts): mount them and start again.',
    );
  }
}

/** Without root both processes are this user's: nobody else gets to the socket. */
export function ownUser(uid: number): User {
  return { name: `uid ${uid}`, uid, gid: process.getgid?.() ?? uid };
}

/** Whom the web process of root becomes: the user cgdeck where there is one, else nobody. */
export function webUser(passwd: string = readFileSync('/etc/passwd', 'utf8')): User {
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name !== OWN_USER || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) continue;
    // An account of that name with uid 0 would keep what the web process has to give up.
    if (Number(uid) !== 0 && Number(gid) !== 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return NOBODY;
}
