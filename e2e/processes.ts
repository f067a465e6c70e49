// Processes on the machine that cgdeck runs on, without the server: their state in /proc (proc(5)), and SIGKILL.
import { existsSync, readFileSync, readlinkSync } from 'node:fs';

export function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}

/** Start time of a process in clock ticks since boot (field 22 of stat): with the pid it identifies the process. */
export function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')')).split(' ')[20] ?? '';
}

export function environmentOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
}

/** Such as "net:[4026531840]"; "host" is the reader, in cgdeck's namespaces. */
export function namespaceOf(pid: number | 'host', kind: string): string {
  return readlinkSync(`/proc/${pid === 'host' ? 'self' : pid}/ns/${kind}`);
}

/** The child of a process with this text in its command line. */
export function childOf(pid: number, words: string): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  const found = children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(words));
  if (found === undefined) throw new Error(`The process ${pid} has no child with ${words} in its command line.`);
  return found;
}

/** SIGKILL to processes of the server, or to some that it launched, at once. */
export function kill(...pids: number[]): void {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
}
