// The one wait for all descriptors that the kernel signals: who watches one is called when it is ready.
import { closeSync } from 'node:fs';
import { Epoll, eventfd, eventfdRead, eventfdWrite, type Readiness } from '../../../native/libc/epoll.ts';

/** `count`: an eventfd's counter, else 0; `wokeMs`: when the waiting call returned, on monotonicMs()'s clock. */
export type OnReady = (count: number, wokeMs: number) => void;

export interface Source {
  /** Ends the watch and closes the descriptor; a second time does nothing. */
  close(): void;
}

/** `counter`: an eventfd, whose counter is read (and so reset) at each wake. `notified`: the file is read before the watch begins, and at each notice. */
export type SourceKind = 'counter' | Readiness;

interface Watched extends Source {
  /** What is watched, in a sentence: “the kernel log”. */
  readonly name: string;
  readonly fd: number;
  readonly counted: boolean;
  readonly onReady: OnReady;
}

export class Sources {
  readonly #epoll = new Epoll();
  /** By a number of its own: that of the descriptor may be another's by the time that its turn comes. */
  readonly #watched = new Map<number, Watched>();
  /** Wakes the waiting call for the last time. */
  readonly #end = eventfd();
  #last = 0;
  #stopped = false;

  /**
   * The descriptor is the source's from now on, also where this throws.
   * @param name what is watched, as it stands in a sentence
   * @throws KernelError where the kernel cannot watch it (epoll_ctl(2))
   */
  watch(name: string, fd: number, kind: SourceKind, onReady: OnReady): Source {
    const number = ++this.#last;
    try {
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
    const watched: Watched = { name, fd, counted: kind === 'counter', onReady, close };
    this.#watched.set(number, watched);
    return watched;
  }

  /**
   * Waits until `stop`.
   * @param failed the wait itself does not work any more, which no event loop survives
   * @param faulted a handler threw, and its source is closed: the others go on
   */
  start(failed: (error: unknown) => void, faulted: (name: string, error: unknown) => void = (_, error) => failed(error)): void {
    void this.#loop(faulted).catch(failed);
  }

  /** Ends the wait, which would hold a thread of the pool for ever. Nobody is called any more. */
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
        // A handler may close another's source, so each is looked up when its turn comes.
        const watched = this.#watched.get(number);
        if (!watched || this.#stopped) continue;
        try {
          watched.onReady(watched.counted ? eventfdRead(watched.fd) : 0, wokeMs);
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
