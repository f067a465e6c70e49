// A process’s network namespace, opened once: from then on a reused pid cannot lead anywhere else (namespaces(7)).
import { closeSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { ProblemError } from '../../../contract/problems.ts';

export interface NetworkNamespace {
  /** Whoever opened it closes it: a held descriptor would keep the namespace, and its devices, alive. */
  readonly fd: number;
  /** Tells namespaces apart for as long as they live. */
  readonly inode: number;
}

const OWN = '/proc/self/ns/net';

function open(pid: number | string): NetworkNamespace | undefined {
  let fd: number;
  try {
    fd = openSync(`/proc/${pid}/ns/net`, 'r');
  } catch {
    // Gone, or a zombie.
    return undefined;
  }
  return { fd, inode: fstatSync(fd).ino };
}

/**
 * The namespace of a process that waits in a fresh one.
 * @throws ProblemError not_found if the process is gone; self_protected if it shares the host’s own namespace
 */
export function openNamespace(owner: string, pid: number): NetworkNamespace {
  const namespace = open(pid);
  if (namespace === undefined)
    throw new ProblemError('not_found', `The process ${pid} of ${owner} has ended: there is no network namespace to connect.`, {
      errno: 'ENOENT',
      file: `/proc/${pid}/ns/net`,
    });
  if (namespace.inode !== statSync(OWN).ino) return namespace;
  closeSync(namespace.fd);
  throw new ProblemError(
    'self_protected',
    `The process ${pid} of ${owner} is in the host’s own network namespace, whose devices are not touched. Launch it with the namespace "net".`,
    { file: `/proc/${pid}/ns/net` },
  );
}

/**
 * A namespace that was seen before, through the process that it was seen with or any other that is in it.
 * Its inode may be used again once it is gone, so the caller makes sure that it still lives: our device’s other end is in it.
 */
export function findNamespace(pid: number, inode: number): NetworkNamespace | undefined {
  const others = function* () {
    yield String(pid);
    for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) yield name;
  };
  for (const candidate of others()) {
    const namespace = open(candidate);
    if (namespace?.inode === inode) return namespace;
    if (namespace) closeSync(namespace.fd);
  }
  return undefined;
}
