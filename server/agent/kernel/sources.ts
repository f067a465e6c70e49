// One epoll wait for all descriptors that the kernel signals; calls the handler of each that is ready.
import { closeSync } from 'node:fs';
import { Epoll, eventfd, eventfdRead, eventfdWrite, type Readiness } from '../../../native/libc/epoll.ts';

/** `count`: an eventfd's counter, else 0; `wokeMs`: when epoll_wait(2) returned (monotonicMs()). */
export type OnReady = (count: number, wokeMs: number) => void;

export interface Source {
  /** Ends the watch and closes the descriptor; a second time does nothing. */
  close(): void;
}

export interface CountedSource extends Source {
  /** How often an eventfd was signalled since it was last read, which the handler is not called for; 0 once it is closed. */
  unread(): number;
}

/** `counter`: an eventfd, read (and so reset) at each wake. `notified`: a file that has to be read before the watch begins, and at each notice. */
export type SourceKind = 'counter' | Readiness;

interface Watched extends CountedSource {
  readonly name: string;
  readonly onReady: OnReady;
}

/** Left for the agent itself: its socket, launches, holds, and files that are opened for a moment. */
export const RESERVED_DESCRIPTORS = 512;

export class Sources {
  readonly #maxDescriptors: number;
  readonly #epoll = new Epoll();
  /** By a number that is never reused: within one batch a handler may close a descriptor, and another may get its number. */
  readonly #watched = new Map<number, Watched>();
  /** Wakes epoll_wait(2) so that it ends. */
  readonly #end = eventfd();
  #last = 0;
  #stopped = false;
  #refused = false;

  /** @param maxDescriptors the process's limit on open descriptors */
  constructor(maxDescriptors = Number.POSITIVE_INFINITY) {
    this.#maxDescriptors = maxDescriptors;
  }

  /** Whether a descriptor of this number can be held open for a group: the kernel gives the lowest that is free (open(2)). */
  reaches(fd: number): boolean {
    return fd + RESERVED_DESCRIPTORS < this.#maxDescriptors;
  }

  /** What cannot be watched, a sentence each. */
  missing(): string[] {
    return this.#refused
      ? [
          `The limit of ${this.#maxDescriptors} open files (RLIMIT_NOFILE) is too low for all groups of this machine: some are read more slowly, and what the kernel would notify of them is seen with the next reading, or not at all. Raise it (ulimit -Hn) and start cgdeck again.`,
        ]
      : [];
  }

  /**
   * Takes the descriptor over and closes it, also where this throws.
   * @param name what is watched, for messages: “the kernel log”
   * @throws KernelError where the kernel cannot watch it (epoll_ctl(2)); Error where it is one of a group, and would use up the descriptors
   */
  watch(name: string, fd: number, kind: SourceKind, onReady: OnReady): CountedSource {
    const number = ++this.#last;
    try {
      // Groups have these; the ends of processes, the tree and the kernel log are watched to the last descriptor.
      if (kind !== 'readable' && !this.reaches(fd)) {
        this.#refused = true;
        throw new Error(`${name} is not watched: too many files are open.`);
      }
      this.#epoll.add(fd, kind === 'counter' ? 'readable' : kind, number);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    const close = () => {
      if (!this.#watched.delete(number)) return;
      this.#epoll.remove(fd);
      closeSync(fd);
    };
    const unread = () => (this.#watched.has(number) && kind === 'counter' ? eventfdRead(fd) : 0);
    const watched: Watched = { name, onReady, close, unread };
    this.#watched.set(number, watched);
    return watched;
  }

  /**
   * Waits until `stop`.
   * @param failed epoll_wait(2) failed: nothing is watched any more
   * @param faulted a handler threw, and its source was closed; the others continue
   */
  start(failed: (error: unknown) => void, faulted: (name: string, error: unknown) => void = (_, error) => failed(error)): void {
    void this.#loop(faulted).catch(failed);
  }

  /** Ends the wait, which would block a thread of the pool for ever. No handler is called any more. */
  stop(): void {
    this.#stopped = true;
    eventfdWrite(this.#end, 1);
  }

  async #loop(faulted: (name: string, error: unknown) => void): Promise<void> {
    this.#epoll.add(this.#end, 'readable', 0);
    while (!this.#stopped) {
      const { ready, wokeNs } = await this.#epoll.wait();
      const wokeMs = Number(wokeNs) / 1e6;
      for (const number of ready) {
        // An earlier handler of this batch may have closed this source.
        const watched = this.#watched.get(number);
        if (!watched || this.#stopped) continue;
        try {
          watched.onReady(watched.unread(), wokeMs);
        } catch (error) {
          watched.close();
          faulted(watched.name, error);
        }
      }
    }
    this.#epoll.close();
    closeSync(this.#end);
  }
}
