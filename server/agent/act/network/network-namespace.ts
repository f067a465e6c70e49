// Opens a process’s network namespace; the descriptor stays right even if the pid is reused (namespaces(7)).
import { closeSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { ProblemError } from '../../../contract/problems.ts';
import { readLiving } from '../../kernel/living-task.ts';

export interface NetworkNamespace {
  /** To be closed by the caller: an open descriptor keeps the namespace and its devices alive. */
  readonly fd: number;
  /** Identifies the namespace while it exists. */
  readonly inode: number;
}

const OWN = '/proc/self/ns/net';

function open(pid: number): NetworkNamespace | undefined {
  let fd: number;
  try {
    fd = openSync(`${readLiving(pid, (dir) => dir)}/ns/net`, 'r');
  } catch {
    // The process has ended or is a zombie.
    return undefined;
  }
  return { fd, inode: fstatSync(fd).ino };
}

/**
 * The namespace of a process that waits in a new one.
 * @throws ProblemError not_found if the process has ended; self_protected if it is in the host’s own namespace
 */
export function openNamespace(owner: string, pid: number): NetworkNamespace {
  const namespace = open(pid);
  if (namespace === undefined)
    throw new ProblemError('not_found', `Process ${pid} of ${owner} has ended, so there is no network namespace to connect.`, {
      errno: 'ENOENT',
      file: `/proc/${pid}/ns/net`,
    });
  if (namespace.inode !== statSync(OWN).ino) return namespace;
  closeSync(namespace.fd);
  throw new ProblemError(
    'self_protected',
    `Process ${pid} of ${owner} is in the host’s own network namespace, which cgdeck does not change. Launch it with the namespace "net".`,
    { file: `/proc/${pid}/ns/net` },
  );
}

/**
 * Finds a namespace again by its inode, through the process that it was opened from or any other that is in it.
 * The inode may be reused after the namespace ends, so the caller first checks that it exists: our device’s other end is in it.
 */
export function findNamespace(pid: number, inode: number): NetworkNamespace | undefined {
  const candidates = function* () {
    yield pid;
    for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) yield Number(name);
  };
  for (const candidate of candidates()) {
    const namespace = open(candidate);
    if (namespace?.inode === inode) return namespace;
    if (namespace) closeSync(namespace.fd);
  }
  return undefined;
}
