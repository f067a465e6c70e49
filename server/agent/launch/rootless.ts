// Launches without root: the launcher is root of a user namespace only, and outside the program runs as cgdeck's user.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { LaunchRequest } from '../../contract/launch.ts';
import { networkOf } from '../../contract/launch-options.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';

/** Namespaces that protect the user's other processes, sockets, memory and files, since the program has the same uid. */
const NEEDED = ['user', 'pid', 'mnt', 'net', 'ipc'] as const;
/** Mounted new in every launch. */
const FRESH = ['/run', '/tmp', '/proc', '/sys', '/dev'];

export interface Rootless {
  readonly uid: number;
  /** A sentence why nothing can be launched. Always present for root, who then lacks a capability. */
  readonly problem?: string;
  /** Private folders of the user, replaced by empty ones in launches that see the host's files. */
  readonly hidden: readonly string[];
}

/** The capabilities that root needs for a launch (linux/capability.h). */
const CAPABILITIES: Readonly<Record<string, number>> = { CAP_SYS_ADMIN: 21, CAP_SETUID: 7, CAP_SETGID: 6, CAP_CHOWN: 0 };

/** Undefined for a root that can launch. @param folders that no launch may see, such as the state directory */
export async function findRootless(home: string | undefined, folders: readonly string[]): Promise<Rootless | undefined> {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) {
    const lacking = lackingOf(readFileSync('/proc/self/status', 'utf8'));
    if (lacking.length === 0) return undefined;
    // A rootless launch by uid 0 would give the program root's access to the host's files, so it is refused.
    return { uid, hidden: [], problem: `Nothing can be launched: cgdeck runs as root but without ${lacking.join(', ')}.` };
  }
  const problem = await whyNot();
  return { uid, hidden: outermost([...(home?.startsWith('/') ? [home] : []), ...folders]), ...(problem === undefined ? {} : { problem }) };
}

/** Folders of the host that no launch sees, also not by a bind. */
export function unseenBy({ hidden }: Rootless): string[] {
  return [...hidden, ...FRESH];
}

/** The folders that are in no other one and not in FRESH. */
export function outermost(folders: readonly string[]): string[] {
  const seen = [...new Set(folders)].filter((path) => path !== '/' && !FRESH.some((fresh) => isWithin(path, fresh)));
  return seen.filter((path) => !seen.some((other) => other !== path && isWithin(path, other)));
}

/** @param status /proc/<pid>/status */
export function lackingOf(status: string): string[] {
  const effective = BigInt(`0x${/^CapEff:\t([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return Object.entries(CAPABILITIES).flatMap(([name, bit]) => ((effective >> BigInt(bit)) & 1n ? [] : [name]));
}

async function whyNot(): Promise<string | undefined> {
  try {
    await promisify(execFile)('unshare', ['--user', '--map-root-user', '--mount', 'true']);
    return undefined;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message?: string };
    const answer = (stderr?.trim() || message || String(error)).split('\n')[0];
    return `Nothing can be launched without root: this system does not permit users to make user namespaces (unshare answered "${answer}"; see kernel.unprivileged_userns_clone, user.max_user_namespaces and the security modules).`;
  }
}

/** @throws ProblemError unsupported for a request that needs root */
export function checkRootless({ problem }: Rootless, request: LaunchRequest): void {
  const refuse = (sentence: string, asked?: string): never => {
    throw new ProblemError('unsupported', sentence, asked === undefined ? {} : { asked });
  };
  if (problem !== undefined) refuse(problem);
  const lacking = NEEDED.filter((kind) => !request.namespaces.includes(kind));
  if (lacking.length > 0)
    refuse(
      `cgdeck runs without root, so programs run as its user, and only namespaces protect that user's processes, sockets and files: add ${lacking.join(', ')}.`,
      'namespaces',
    );
  for (const field of ['user', 'group'] as const)
    if (!['root', '0', undefined].includes(request[field]))
      refuse('Another user needs root, and cgdeck runs without it: only its own user is there, as root of the launch.', field);
  if (networkOf(request) === 'routed') refuse('A routed network needs root, and cgdeck runs without it: choose none.', 'network');
  if (request.overlay && request.rootfs === undefined)
    refuse('A layer over the host’s files needs root, and cgdeck runs without it: choose a directory as root, or no layer.', 'overlay');
}
