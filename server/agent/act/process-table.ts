// Describes the processes of a group, from /proc (proc(5), pid_namespaces(7)).
import { readFileSync, readlinkSync } from 'node:fs';
import { pageBytes } from '../../../native/libc/process.ts';
import type { Process } from '../../contract/answers.ts';
import { readCommand } from '../kernel/files/command-line.ts';
import { type ProcessFacts, parseProcess, parseProcessStat } from '../kernel/files/process-files.ts';
import { readLiving } from '../kernel/living-task.ts';
import { inSlices } from '../kernel/slices.ts';

/** The entries of /proc/<pid>/ns, without the ..._for_children ones. */
const NAMESPACES = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user', 'time'] as const;
const COMMAND_BYTES = 4096;
/** Processes to read before other work gets its turn: for their memory alone, and for everything. */
const MEASURED_PER_SLICE = 200;
const DESCRIBED_PER_SLICE = 25;

function namespaceId(dir: string, kind: string): number | undefined {
  try {
    return Number(/\[(\d+)\]/.exec(readlinkSync(`${dir}/ns/${kind}`))?.[1]);
  } catch {
    return undefined;
  }
}

/** The command name of a process (proc(5)); empty if it has ended. */
export function commOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').replace(/\n$/, '');
  } catch {
    return '';
  }
}

/** The inode of each namespace of a process, by kind; empty if it has ended. */
export function namespacesOf(pid: number | 'self'): Map<string, number> {
  try {
    return readLiving(pid, namespacesIn);
  } catch {
    return new Map();
  }
}

function namespacesIn(dir: string): Map<string, number> {
  return new Map(
    NAMESPACES.flatMap((kind) => {
      const id = namespaceId(dir, kind);
      return id === undefined ? [] : [[kind, id] as const];
    }),
  );
}

/** The namespaces of cgdeck itself. */
export const ownNamespaces: ReadonlyMap<string, number> = namespacesOf('self');

/** Resident pages, from /proc/<pid>/statm; 0 if it has ended. */
function pagesOf(pid: number): number {
  try {
    const pagesIn = (dir: string) => Number(readFileSync(`${dir}/statm`, 'latin1').split(' ')[1]);
    return pagesIn(`/proc/${pid}`) || readLiving(pid, pagesIn);
  } catch {
    return 0;
  }
}

/** The processes with the most memory, at most `count`. */
async function largest(pids: readonly number[], count: number): Promise<readonly number[]> {
  if (pids.length <= count) return pids;
  const measured: { readonly pid: number; readonly pages: number }[] = [];
  await inSlices(pids, MEASURED_PER_SLICE, (pid) => measured.push({ pid, pages: pagesOf(pid) }));
  return measured
    .sort((a, b) => b.pages - a.pages || a.pid - b.pid)
    .slice(0, count)
    .map(({ pid }) => pid);
}

/** At most so many are measured at once, which takes some milliseconds. */
const MEASURED_AT_ONCE = 500;

/** The processes with the most memory, read now; of very many only the first are measured. */
export function largestNow(pids: readonly number[], count: number): { pid: number; comm: string; command: string; rssBytes: number }[] {
  const measured = pids.slice(0, MEASURED_AT_ONCE).map((pid) => ({ pid, pages: pagesOf(pid) }));
  return measured
    .sort((a, b) => b.pages - a.pages || a.pid - b.pid)
    .slice(0, count)
    .flatMap(({ pid, pages }) => {
      const comm = commOf(pid);
      if (comm === '') return [];
      try {
        return [
          { pid, comm, command: readLiving(pid, (dir) => readCommand(dir, COMMAND_BYTES)) || `[${comm}]`, rssBytes: pages * pageBytes() },
        ];
      } catch {
        return [];
      }
    });
}

/** Describes the processes with the most memory, at most `limit`, without those that end meanwhile. */
export async function describeProcesses(pids: readonly number[], limit: number): Promise<Process[]> {
  const processes: Process[] = [];
  await inSlices(await largest(pids, limit), DESCRIBED_PER_SLICE, (pid) => {
    const process = describeProcess(pid);
    if (process) processes.push(process);
  });
  return processes;
}

/** Undefined if the process ends meanwhile. */
function describeProcess(pid: number): Process | undefined {
  const own = `/proc/${pid}`;
  try {
    const stat = readFileSync(`${own}/stat`, 'utf8');
    const factsIn = (dir: string) => parseProcess(pid, readFileSync(`${dir}/status`, 'utf8'), stat);
    const facts = factsIn(own);
    const startTicks = Number(parseProcessStat(stat)[19]);
    const found = facts && readLiving(pid, (dir) => processIn(dir, pid, facts, (dir === own ? undefined : factsIn(dir)) ?? facts));
    return found && { ...found, startTicks };
  } catch {
    return undefined;
  }
}

/** Its state and memory are those of the thread of `dir`, which may not be the first; everything else is `facts`. */
function processIn(dir: string, pid: number, facts: ProcessFacts, { state, rssBytes }: ProcessFacts): Omit<Process, 'startTicks'> {
  const command = readCommand(dir, COMMAND_BYTES);
  const namespaces: Process['namespaces'] = {};
  for (const [kind, id] of namespacesIn(dir)) namespaces[kind] = { id, own: id !== ownNamespaces.get(kind) };
  return { pid, ...facts, state, rssBytes, command: command === '' ? `[${facts.comm}]` : command, namespaces };
}
