// OOM kills from /dev/kmsg: who was killed, in which group, at whose limit (Documentation/ABI/testing/dev-kmsg).
import { constants, openSync, readSync } from 'node:fs';
import type { Source, Sources } from '../../kernel/sources.ts';

export interface KernelLogRecord {
  readonly sequence: number;
  /** Microseconds on the kernel's log clock, close to CLOCK_MONOTONIC. */
  readonly timeUsec: number;
  readonly text: string;
}

/** A kill as the log tells it; lines about one kill follow each other, but other lines may come between. */
export interface OomKill {
  readonly sequence: number;
  readonly timeUsec: number;
  readonly pid: number;
  readonly comm: string;
  readonly rssBytes?: number;
  /** The victim's group; absent where the kernel left out the summary line (it limits their rate). */
  readonly group?: string;
  /** Whose limit was hit; "/" for the machine. */
  readonly limitGroup?: string;
}

const SUMMARY = /^oom-kill:constraint=(\w+),.*?(?:,oom_memcg=(.*))?(?:,global_oom)?,task_memcg=(.*),task=(.*),pid=(\d+),uid=\d+$/;
const KILLED = /: Killed process (\d+) \((.*)\) total-vm:\d+kB, anon-rss:(\d+)kB, file-rss:(\d+)kB, shmem-rss:(\d+)kB/;
const KIB = 1024;

/** "priority,sequence,timestamp,flags;text" with \xNN for what is not printable ASCII. */
export function parseKernelLog(record: string): KernelLogRecord | undefined {
  const match = /^\d+,(\d+),(\d+),[^;]*;([^\n]*)/.exec(record);
  if (!match) return undefined;
  return { sequence: Number(match[1]), timeUsec: Number(match[2]), text: unescapeHex(match[3] ?? '') };
}

function unescapeHex(text: string): string {
  if (!text.includes('\\x')) return text;
  const bytes = text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Joins the summary line and the line of the kill, which carry the group and the sizes. */
export class OomKillParser {
  readonly #summaries = new Map<number, { group: string; limitGroup: string }>();

  /** @returns a kill once its last line is there */
  take(record: KernelLogRecord): OomKill | undefined {
    const summary = SUMMARY.exec(record.text);
    if (summary) {
      const [, constraint, limitGroup, group = '', , pid] = summary;
      this.#summaries.set(Number(pid), {
        group: group === '' ? '/' : group,
        limitGroup: constraint === 'CONSTRAINT_MEMCG' && limitGroup ? limitGroup : '/',
      });
      return undefined;
    }
    const killed = KILLED.exec(record.text);
    if (!killed) return undefined;
    const pid = Number(killed[1]);
    const known = this.#summaries.get(pid);
    this.#summaries.delete(pid);
    const rssBytes = (Number(killed[3]) + Number(killed[4]) + Number(killed[5])) * KIB;
    return { sequence: record.sequence, timeUsec: record.timeUsec, pid, comm: killed[2] ?? '', rssBytes, ...known };
  }
}

export class KernelLog {
  readonly #sources: Sources;
  readonly #fd: number;
  readonly #buffer = Buffer.alloc(16 * 1024);
  readonly #parser = new OomKillParser();
  readonly #killed: (kill: OomKill, wokeMs: number | undefined) => void;
  #source: Source | undefined;
  #last = -1;

  /**
   * Reads the log from its beginning: kills after `since` that nobody was there to see are told as well, without a wake-up time.
   * @throws where /dev/kmsg cannot be read: no root, or no log in this container
   */
  constructor(sources: Sources, killed: (kill: OomKill, wokeMs: number | undefined) => void) {
    this.#sources = sources;
    this.#killed = killed;
    this.#fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** @param since the sequence number of the last record that was dealt with; undefined: only what comes from now on */
  start(since: number | undefined): void {
    this.#drain((kill) => {
      if (since !== undefined && kill.sequence > since) this.#killed(kill, undefined);
    });
    this.#source = this.#sources.watch('the kernel log', this.#fd, 'readable', (_, wokeMs) =>
      this.#drain((kill) => this.#killed(kill, wokeMs)),
    );
  }

  /** The sequence number of the newest record seen; -1 before the first. */
  get last(): number {
    return this.#last;
  }

  close(): void {
    this.#source?.close();
  }

  #drain(take: (kill: OomKill) => void): void {
    for (;;) {
      let length: number;
      try {
        length = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, null);
      } catch (error) {
        // EPIPE: records were overwritten before they were read; the next read goes on with the oldest that is left.
        if ((error as NodeJS.ErrnoException).code === 'EPIPE') continue;
        return;
      }
      // It never ends; what does is /dev/null in its place, as container runtimes put it.
      if (length === 0) throw new Error('/dev/kmsg is not the kernel log');
      const record = parseKernelLog(this.#buffer.toString('latin1', 0, length));
      if (!record) continue;
      this.#last = record.sequence;
      const kill = this.#parser.take(record);
      if (kill) take(kill);
    }
  }
}
