// Readings of the machine, for the root group: memory and swap from /proc/meminfo, CPUs from /proc/stat (proc(5)).
import { closeSync, openSync, readSync } from 'node:fs';
import { hostCpuKeys, hostReadings, type ReadingValue } from '../../../contract/readings.ts';

const KIB = 1024;
/** A container's own meminfo (lxcfs) may have what is left of a negative number: no machine has an EiB. */
const WRAPPED_KIB = 2 ** 50;
/** In a container's own stat a column may be one as well, or noise: no machine has run so long. */
const WRAPPED_TICKS = 2 ** 53;
/** user nice system idle iowait irq softirq steal; user includes guest time. */
const COLUMNS = 8;
const IDLE = 3;
const IOWAIT = 4;

/** @param text /proc/meminfo; a line that does not end has been cut, and is left out */
export function parseMeminfo(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n').slice(0, -1)) {
    const match = /^(\w+): *(\d+) kB$/.exec(line);
    const key = `meminfo:${match?.[1]}`;
    const kibibytes = Number(match?.[2]);
    if (kibibytes < WRAPPED_KIB && (hostReadings as readonly string[]).includes(key)) values.set(key, kibibytes * KIB);
  }
  return values;
}

/** @param text /proc/stat; a line that does not end has been cut, and is left out. Without the idle time a CPU's total is not known. */
export function parseStat(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n').slice(0, -1)) {
    const match = /^cpu(\d+)((?: \d+){4,})$/.exec(line);
    if (!match) continue;
    const columns = (match[2] ?? '').trim().split(' ').slice(0, COLUMNS).map(Number);
    const ticks = columns.map((value) => (value < WRAPPED_TICKS ? value : undefined));
    const busy = ticks.reduce<number>((sum, value = 0, column) => (column === IDLE || column === IOWAIT ? sum : sum + value), 0);
    const keys = hostCpuKeys(Number(match[1]));
    values.set(keys.busy, busy);
    if (ticks[IDLE] !== undefined) values.set(keys.total, busy + ticks[IDLE] + (ticks[IOWAIT] ?? 0));
  }
  return values;
}

const FILES = { '/proc/meminfo': parseMeminfo, '/proc/stat': parseStat };

interface HostFile {
  readonly fd: number;
  readonly parse: (text: string) => Map<string, number>;
  last: ReadonlyMap<string, number>;
}

export class HostSample {
  readonly #files: readonly HostFile[];
  #buffer = Buffer.alloc(64 * 1024);

  /** A file that cannot be opened, as in some containers, has no readings. */
  constructor(files: Readonly<Record<string, HostFile['parse']>> = FILES) {
    this.#files = Object.entries(files).flatMap(([path, parse]) => {
      try {
        return [{ fd: openSync(path, 'r'), parse, last: new Map() }];
      } catch {
        return [];
      }
    });
  }

  /** Emits the readings that changed since the last call; null for a CPU that went offline. */
  read(emit: (key: string, value: ReadingValue | null) => void): void {
    for (const file of this.#files) {
      let text: string;
      try {
        text = this.#textOf(file.fd);
      } catch {
        continue;
      }
      const now = file.parse(text);
      for (const [key, value] of now) if (file.last.get(key) !== value) emit(key, value);
      for (const key of file.last.keys()) if (!now.has(key)) emit(key, null);
      file.last = now;
    }
  }

  /** A machine with very many CPUs or interrupts has a long /proc/stat. */
  #textOf(fd: number): string {
    let length = 0;
    for (;;) {
      const count = readSync(fd, this.#buffer, length, this.#buffer.length - length, length);
      length += count;
      if (count === 0) return this.#buffer.toString('latin1', 0, length);
      if (length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(length)]);
    }
  }

  close(): void {
    for (const { fd } of this.#files) closeSync(fd);
  }
}
