// Readings of the machine itself, attached to the root group: memory and swap from /proc/meminfo, CPUs from /proc/stat (proc(5)).
import { closeSync, openSync, readSync } from 'node:fs';
import { hostCpuKeys, hostReadings, type ReadingValue } from '../../../contract/readings.ts';

const KIB = 1024;
/** user nice system idle iowait irq softirq steal; guest time is within user already. */
const COLUMNS = 8;
const IDLE = 3;
const IOWAIT = 4;

export function parseMeminfo(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^(\w+):\s+(\d+) kB/.exec(line);
    const key = `meminfo:${match?.[1]}`;
    if (match && (hostReadings as readonly string[]).includes(key)) values.set(key, Number(match[2]) * KIB);
  }
  return values;
}

export function parseStat(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^cpu(\d+) (.*)$/.exec(line);
    if (!match) continue;
    const ticks = (match[2] ?? '').split(' ').slice(0, COLUMNS).map(Number);
    const total = ticks.reduce((sum, value) => sum + value, 0);
    const keys = hostCpuKeys(Number(match[1]));
    values.set(keys.total, total);
    values.set(keys.busy, total - (ticks[IDLE] ?? 0) - (ticks[IOWAIT] ?? 0));
  }
  return values;
}

export class HostSample {
  readonly #files = [
    { fd: openSync('/proc/meminfo', 'r'), parse: parseMeminfo },
    { fd: openSync('/proc/stat', 'r'), parse: parseStat },
  ];
  readonly #last = new Map<string, number>();
  readonly #buffer = Buffer.alloc(64 * 1024);

  /** The host's readings that changed since the last call. */
  read(emit: (key: string, value: ReadingValue) => void): void {
    for (const { fd, parse } of this.#files) {
      const text = this.#buffer.toString('latin1', 0, readSync(fd, this.#buffer, 0, this.#buffer.length, 0));
      for (const [key, value] of parse(text)) {
        if (this.#last.get(key) === value) continue;
        this.#last.set(key, value);
        emit(key, value);
      }
    }
  }

  close(): void {
    for (const { fd } of this.#files) closeSync(fd);
  }
}
