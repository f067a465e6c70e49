// The kernel's log, record by record, from /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
import { constants, openSync, readSync } from 'node:fs';
import type { Source, Sources } from '../../kernel/sources.ts';

/** The kernel itself; what programs write into the log is of another facility, whatever they ask for. */
const KERNEL_FACILITY = 0;

export interface KernelLogRecord {
  readonly sequence: number;
  /** Microseconds on the kernel's log clock, close to CLOCK_MONOTONIC. */
  readonly timeUsec: number;
  /** Whether it goes on where an earlier record ended that was too long for one. */
  readonly continues: boolean;
  /** Which task or processor wrote it, where the kernel says so (CONFIG_PRINTK_CALLER). */
  readonly caller: string | undefined;
  /** A character for each byte, since names in it may be no UTF-8. */
  readonly bytes: string;
}

/**
 * "priority,sequence,timestamp,flags;text" with \xNN for what is not printable ASCII, and lines of properties behind it.
 * @returns undefined for what the kernel did not write
 */
export function parseKernelLog(record: string): KernelLogRecord | undefined {
  const match = /^(\d+),(\d+),(\d+),([^;,]*)([^;]*);([^\n]*)/.exec(record);
  if (!match) return undefined;
  const [, priority, sequence, timeUsec, flags = '', more = '', text = ''] = match;
  if (Number(priority) >> 3 !== KERNEL_FACILITY) return undefined;
  return {
    sequence: Number(sequence),
    timeUsec: Number(timeUsec),
    continues: flags.includes('c') || flags.includes('+'),
    caller: /,caller=(\w+)/.exec(more)?.[1],
    bytes: text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  };
}

const SEQUENCE = /^\d+,(\d+),/;
/** Read at one wake; the rest wakes us again, after whoever waits meanwhile. */
const RECORDS_AT_ONCE = 256;

export class KernelLog {
  readonly #sources: Sources;
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(16 * 1024);
  #source: Source | undefined;
  #last = -1;

  /** @throws where /dev/kmsg cannot be read: no root, or no log in this container */
  constructor(sources: Sources) {
    this.#sources = sources;
    this.#fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /**
   * @param take gets every record from the beginning of the log on; without `wokeMs` those that are in it already
   * @throws where it is /dev/null in the log's place, as container runtimes put it
   */
  start(take: (record: KernelLogRecord, wokeMs: number | undefined) => void): void {
    this.#read(Number.POSITIVE_INFINITY, (record) => take(record, undefined));
    this.#source = this.#sources.watch('the kernel log', this.#fd, 'readable', (_, wokeMs) =>
      this.#read(RECORDS_AT_ONCE, (record) => take(record, wokeMs)),
    );
  }

  /** The sequence number of the newest record seen; -1 before the first. */
  get last(): number {
    return this.#last;
  }

  close(): void {
    this.#source?.close();
  }

  #read(most: number, take: (record: KernelLogRecord) => void): void {
    for (let i = 0; i < most; i++) {
      let length: number;
      try {
        length = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, null);
      } catch (error) {
        // EPIPE: records were overwritten before they were read; the next read goes on with the oldest that is left.
        if ((error as NodeJS.ErrnoException).code === 'EPIPE') continue;
        return;
      }
      if (length === 0) throw new Error('/dev/kmsg is not the kernel log');
      const text = this.#buffer.toString('latin1', 0, length);
      this.#last = Number(SEQUENCE.exec(text)?.[1] ?? this.#last);
      const record = parseKernelLog(text);
      if (record) take(record);
    }
  }
}
