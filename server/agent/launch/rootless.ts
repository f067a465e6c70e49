// Launches by an agent that is not root: the launcher becomes root of a user namespace of its own, and the program is that user outside.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { type LaunchRequest, networkOf } from '../../contract/launch.ts';
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';

/** What keeps a program from the user's other processes, their sockets and memory, and from his files, which ids do not here. */
const NEEDED = ['user', 'pid', 'mnt', 'net', 'ipc'] as const;
/** Fresh in every launch. */
const FRESH = ['/run', '/tmp', '/proc', '/sys', '/dev'];

export interface Rootless {
  readonly uid: number;
  /** Why nothing can be launched, a sentence; always there for root, who lacks a capability then. */
  readonly problem?: string;
  /** Folders that are the user's own: launches that see the host have an empty one in their place. */
  readonly hidden: readonly string[];
}

/** capability.h; what a launch by root needs of the host. */
const CAPABILITIES: Readonly<Record<string, number>> = { CAP_SYS_ADMIN: 21, CAP_SETUID: 7, CAP_SETGID: 6, CAP_CHOWN: 0 };

/** Undefined for a root that can launch. @param folders that no launch may see, such as the state directory */
export async function findRootless(home: string | undefined, folders: readonly string[]): Promise<Rootless | undefined> {
  const uid = process.getuid?.() ?? 0;
  if (uid === 0) {
    const lacking = lackingOf(readFileSync('/proc/self/status', 'utf8'));
    if (lacking.length === 0) return undefined;
    // In a user namespace of its own the program would be root of the host's files: less is not what root expects.
    return { uid, hidden: [], problem: `Nothing can be launched: cgdeck runs as root, but without ${lacking.join(', ')}.` };
  }
  const problem = await whyNot();
  return { uid, hidden: outermost([...(home?.startsWith('/') ? [home] : []), ...folders]), ...(problem === undefined ? {} : { problem }) };
}

/** What no launch sees of the host, also not by a bind. */
export function unseenBy({ hidden }: Rootless): string[] {
  return [...hidden, ...FRESH];
}

/** Those that lie in no other and are seen at all. */
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
    return `Nothing can be launched without root here: this system lets a user make no user namespace (unshare answered "${answer}"; see kernel.unprivileged_userns_clone, user.max_user_namespaces and the security modules).`;
  }
}

/** @throws ProblemError unsupported for what only root can have */
export function checkRootless({ problem }: Rootless, request: LaunchRequest): void {
  const refuse = (sentence: string, asked?: string): never => {
    throw new ProblemError('unsupported', sentence, asked === undefined ? {} : { asked });
  };
  if (problem !== undefined) refuse(problem);
  const lacking = NEEDED.filter((kind) => !request.namespaces.includes(kind));
  if (lacking.length > 0)
    refuse(
      `cgdeck runs without root, so a program runs as the same user, and only namespaces of its own keep it from that user's processes, their sockets and his files: add ${lacking.join(', ')}.`,
      'namespaces',
    );
  if (networkOf(request) === 'routed') refuse('A routed network needs root, which cgdeck runs without: choose none.', 'network');
  if (request.overlay && request.rootfs === undefined)
    refuse(
      'A layer over the host’s files needs root, which cgdeck runs without: give it a directory as root, or leave the layer out.',
      'overlay',
    );
}
