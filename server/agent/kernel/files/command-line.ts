// The command line of a process, as far as it is of use: it may be megabytes long.
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * Its arguments with spaces between (proc_pid_cmdline(5)); '' for a kernel thread and for a process that is ending. One that is longer than `mostBytes` is cut
 * between characters and ends in "…".
 * @param dir of the process or thread, such as /proc/1
 * @throws if the process has ended
 */
export function readCommand(dir: string, mostBytes: number): string {
  const fd = openSync(`${dir}/cmdline`, 'r');
  try {
    // The last argument's end is a byte, too.
    const bytes = Buffer.alloc(mostBytes + 2);
    const count = readSync(fd, bytes);
    const isCut = count > mostBytes + 1 || (count > mostBytes && bytes[mostBytes] !== 0);
    // A character of which only the beginning is there waits for its rest, and is left out.
    const text = new TextDecoder().decode(bytes.subarray(0, Math.min(count, mostBytes)), { stream: isCut });
    return isCut ? `${text.replaceAll('\0', ' ')}…` : text.replace(/\0+$/, '').replaceAll('\0', ' ');
  } finally {
    closeSync(fd);
  }
}
