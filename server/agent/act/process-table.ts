// What is known of each process in a group, from /proc (proc(5), pid_namespaces(7)).
import { readFileSync, readlinkSync } from 'node:fs';
import type { Process } from '../../contract/answers.ts';

/** /proc/<pid>/ns entries that have a namespace of their own kind. */
const NAMESPACES = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user', 'time'] as const;
const KIB = 1024;
const MS_PER_TICK = 10;
const COMMAND_CHARS = 4096;

function namespaceId(pid: number | 'self', kind: string): number | undefined {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1]);
  } catch {
    return undefined;
  }
}

/** The namespaces that a process is in, by kind; empty if it is gone. */
export function namespacesOf(pid: number | 'self'): Map<string, number> {
  return new Map(
    NAMESPACES.flatMap((kind) => {
      const id = namespaceId(pid, kind);
      return id === undefined ? [] : [[kind, id] as const];
    }),
  );
}

/** Those that cgdeck itself is in. */
export const ownNamespaces: ReadonlyMap<string, number> = namespacesOf('self');

function statusField(status: string, name: string): string {
  return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '';
}

/** A process as the screen shows it; undefined if it ended while we looked. */
export function describeProcess(pid: number): Process | undefined {
  let status: string;
  let stat: string;
  let command: string;
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8');
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0+$/, '').replaceAll('\0', ' ').slice(0, COMMAND_CHARS);
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const comm = statusField(status, 'Name');
  const namespaces: Process['namespaces'] = {};
  for (const [kind, id] of namespacesOf(pid)) namespaces[kind] = { id, own: id !== ownNamespaces.get(kind) };
  return {
    pid,
    ppid: Number(statusField(status, 'PPid')),
    pidInside: Number(statusField(status, 'NSpid').split(/\s+/).at(-1) ?? pid),
    command: command === '' ? `[${comm}]` : command,
    comm,
    state: statusField(status, 'State'),
    rssBytes: Number.parseInt(statusField(status, 'VmRSS') || '0', 10) * KIB,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK,
    threads: Number(statusField(status, 'Threads')),
    uid: Number(statusField(status, 'Uid').split(/\s+/)[0]),
    namespaces,
  };
}
