// Reads the kernel log, record by record, from /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
import { constants, openSync, readSync } from 'node:fs';
import { errnoOf } from '../../kernel/errno.ts';
import { inSlices } from '../../kernel/slices.ts';
import type { Source, Sources } from '../../kernel/sources.ts';

/** The priority is 8 times the facility and the level; records of programs never have the kernel's facility, 0. */
const FACILITY = 8;

export interface KernelLogRecord {
  readonly sequence: number;
  /** Microseconds on the log's clock, close to CLOCK_MONOTONIC. */
  readonly timeUsec: number;
  /** Whether it continues an earlier record that was too long. */
  readonly continues: boolean;
  /** The task or CPU that wrote it, if the kernel records that (CONFIG_PRINTK_CALLER). */
  readonly caller: string | undefined;
  /** One character for each byte, since names may not be UTF-8; none of a record that a program wrote, which only takes a number. */
  readonly bytes: string;
}

/**
 * Parses "priority,sequence,timestamp,flags;text", with \xNN for bytes that are not printable ASCII, then lines of properties.
 * @returns undefined for what is no record
 */
export function parseKernelLog(record: string): KernelLogRecord | undefined {
  const match = /^(\d+),(\d+),(\d+),([^;,]*)([^;]*);([^\n]*)/.exec(record);
  if (!match) return undefined;
  const [, priority, sequence, timeUsec, flags = '', more = '', text = ''] = match;
  const isOfKernel = Number(priority) < FACILITY;
  return {
    sequence: Number(sequence),
    timeUsec: Number(timeUsec),
    continues: isOfKernel && (flags.includes('c') || flags.includes('+')),
    caller: /,caller=(\w+)/.exec(more)?.[1],
    bytes: (isOfKernel ? text : '').replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  };
}

const SEQUENCE = /^\d+,(\d+),/;
/** Some milliseconds of reading; what is left is read after other sources. */
const RECORDS_AT_ONCE = 128;

export class KernelLog {
  readonly #sources: Sources;
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(16 * 1024);
  #source: Source | undefined;
  #last = -1;
  #overruns = 0;

  /** @throws where /dev/kmsg cannot be read: without root, and in some containers */
  constructor(sources: Sources) {
    this.#sources = sources;
    this.#fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /**
   * @param take gets every record of the log, first those already in it, without `wokeMs`
   * @returns once those are read
   * @throws where /dev/kmsg is /dev/null, as container runtimes arrange it
   */
  async start(take: (record: KernelLogRecord, wokeMs: number | undefined) => void): Promise<void> {
    await inSlices(this.#unread(), RECORDS_AT_ONCE, (record) => record && take(record, undefined));
    this.#source = this.#sources.watch('the kernel log', this.#fd, 'readable', (_, wokeMs) => {
      let left = RECORDS_AT_ONCE;
      for (const record of this.#unread()) {
        if (record) take(record, wokeMs);
        // The rest wakes us again.
        if (--left === 0) break;
      }
    });
  }

  /** The sequence number of the newest record seen; -1 before the first. */
  get last(): number {
    return this.#last;
  }

  /** How often records were overwritten before they were read. */
  get overruns(): number {
    return this.#overruns;
  }

  close(): void {
    this.#source?.close();
  }

  /** Reads on to the end of the log; undefined stands for records that were overwritten. */
  *#unread(): Generator<KernelLogRecord | undefined> {
    for (;;) {
      let length: number;
      try {
        length = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, null);
      } catch (error) {
        // EPIPE: records were overwritten before they were read; the next read continues with the oldest one left.
        if (errnoOf(error) !== 'EPIPE') return;
        this.#overruns++;
        yield undefined;
        continue;
      }
      if (length === 0) throw new Error('/dev/kmsg is not the kernel log');
      const text = this.#buffer.toString('latin1', 0, length);
      this.#last = Number(SEQUENCE.exec(text)?.[1] ?? this.#last);
      yield parseKernelLog(text);
    }
  }
}
