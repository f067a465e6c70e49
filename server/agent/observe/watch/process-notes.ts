// What processes were called and when they started, noted while they live: when the kernel log names a victim, /proc has nothing of it any more.
import { readFileSync } from 'node:fs';
import { sinceBootMs } from '../../../../native/libc/clock.ts';
import { readCommand } from '../../kernel/files/command-line.ts';
import { parseProcess, parseProcessStat } from '../../kernel/files/process-files.ts';

export interface ProcessNote {
  readonly comm: string;
  /** Absent for a kernel thread, and for a process that was ending already. */
  readonly command?: string;
  readonly uid: number;
  /** Wall clock, ms. */
  readonly startedAtMs: number;
}

/** With 4096, all notes might take 64 MiB, and the 100 tasks of a report 400 KiB of the 64 MiB of all reports. */
const COMMAND_BYTES = 512;
const KEPT = 8192;
/** Processes that wait to be noted: the rest of a burst is not. */
const MOST_WAITING = 2000;
/** A millisecond's work. */
const PER_TURN = 20;
/** A process that was noted is noted again at most so often: it may have become another program. */
const AGAIN_MS = 1000;
/** Of a group that is short of memory, so many are noted again. */
const MOST_AGAIN = 64;
const START_TIME = 19;
const MS_PER_TICK = 10;

export class ProcessNotes {
  /** The last noted ones are at the end. */
  readonly #notes = new Map<number, ProcessNote & { readonly notedMs: number }>();
  readonly #waiting = new Set<number>();
  #scheduled = false;

  /** Notes processes soon. @param again also those that are known */
  seen(pids: readonly number[], again: boolean): void {
    const nowMs = performance.now();
    let left = again ? MOST_AGAIN : Number.POSITIVE_INFINITY;
    for (const pid of pids) {
      if (this.#waiting.size >= MOST_WAITING || left === 0) break;
      if (again && nowMs - (this.#notes.get(pid)?.notedMs ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) continue;
      this.#waiting.add(pid);
      left--;
    }
    this.#schedule();
  }

  /** What is known of a process that had this name; read now if it is still there. */
  of(pid: number, comm: string): ProcessNote | undefined {
    const now = this.#read(pid);
    const noted = this.#notes.get(pid);
    const before = noted?.comm === comm ? noted : undefined;
    if (now?.comm !== comm) return before;
    // A process that is ending has no command line any more.
    return now.command === undefined && before !== undefined && Math.abs(now.startedAtMs - before.startedAtMs) < AGAIN_MS ? before : now;
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      let left = PER_TURN;
      for (const pid of this.#waiting) {
        this.#waiting.delete(pid);
        const note = this.#read(pid);
        if (note) this.#keep(pid, note);
        if (--left === 0) break;
      }
      this.#schedule();
    });
  }

  #keep(pid: number, note: ProcessNote): void {
    const before = this.#notes.get(pid);
    this.#notes.delete(pid);
    // An ending process has lost its command line.
    const isSame = before?.comm === note.comm && Math.abs(before.startedAtMs - note.startedAtMs) < AGAIN_MS;
    this.#notes.set(pid, { ...(isSame ? before : {}), ...note, notedMs: performance.now() });
    for (const oldest of this.#notes.keys()) {
      if (this.#notes.size <= KEPT) break;
      this.#notes.delete(oldest);
    }
  }

  #read(pid: number): ProcessNote | undefined {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const facts = parseProcess(pid, readFileSync(`/proc/${pid}/status`, 'utf8'), stat);
      const startedMs = Number(parseProcessStat(stat)[START_TIME]) * MS_PER_TICK;
      if (!facts || !Number.isFinite(startedMs)) return undefined;
      const command = readCommand(`/proc/${pid}`, COMMAND_BYTES);
      return {
        comm: facts.comm,
        uid: facts.uid,
        startedAtMs: Date.now() - sinceBootMs() + startedMs,
        ...(command === '' ? {} : { command }),
      };
    } catch {
      return undefined;
    }
  }
}
