// What is checked before the start: control groups are mounted, and the user of the web process.
import { readFileSync } from 'node:fs';
import { visibleMounts } from '../mountinfo.ts';
import { StartError } from './start-error.ts';

export interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Debian's nobody and nogroup; the ids exist on every Linux, as the kernel's own overflow ids. */
const NOBODY: User = { name: 'nobody', uid: 65_534, gid: 65_534 };
const OWN_USER = 'cgdeck';

/** @throws StartError if no control groups are mounted */
export function checkMachine(): void {
  if (!visibleMounts(readFileSync('/proc/self/mountinfo', 'utf8')).some(({ type }) => type === 'cgroup' || type === 'cgroup2')) {
    throw new StartError(
      'No control groups are mounted on this machine (no visible cgroup or cgroup2 mount in /proc/self/mountinfo): mount them and start again.',
    );
  }
}

/** Without root both processes run as this user. */
export function ownUser(uid: number): User {
  return { name: `uid ${uid}`, uid, gid: process.getgid?.() ?? uid };
}

/**
 * The web process gives up root, which a user namespace with only some ids may not allow (user_namespaces(7)).
 * @throws StartError
 */
export function checkUserNamespace({ name, uid, gid }: User, read = idMap): void {
  if (isMapped(read('/proc/self/uid_map'), uid) && isMapped(read('/proc/self/gid_map'), gid)) return;
  throw new StartError(
    `cgdeck runs as root of a user namespace without the user ${name} (uid ${uid}, gid ${gid}), as which its web process has to run: map these ids too (unshare --map-auto), or start cgdeck outside of the namespace, as root or as an ordinary user.`,
  );
}

/** Without user namespaces there is no such file, and every id. */
function idMap(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '0 0 4294967295';
  }
}

function isMapped(map: string, id: number): boolean {
  return map.split('\n').some((line) => {
    const [first = Number.NaN, , count = 0] = line.trim().split(/\s+/).map(Number);
    return id >= first && id < first + count;
  });
}

/** The user of root's web process: cgdeck if there is one, else nobody. */
export function webUser(passwd: string = readFileSync('/etc/passwd', 'utf8')): User {
  for (const line of passwd.split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name !== OWN_USER || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '')) continue;
    // Never uid 0: the web process must drop root.
    if (Number(uid) !== 0 && Number(gid) !== 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  return NOBODY;
}
