// The one wait for all descriptors that the kernel signals: who registered one is called when it is ready.
import { closeSync } from 'node:fs';
import { Epoll, eventfd, eventfdWrite } from '../../../native/libc.ts';

/** `count`: an eventfd's counter; `wokeMs`: when the waiting call returned, on monotonicMs()'s clock. */
export type OnReady = (count: number, wokeMs: number) => void;

export class Sources {
  readonly #epoll = new Epoll();
  readonly #handlers = new Map<number, OnReady>();
  /** Wakes the waiting call for the last time. */
  readonly #end = eventfd();
  #stopped = false;
  #failure: ((error: unknown) => void) | undefined;

  /** @param counted whether it is an eventfd, whose counter is read (and so reset) at each wake */
  add(fd: number, counted: boolean, happened: OnReady): void {
    this.#handlers.set(fd, happened);
    this.#epoll.add(fd, counted);
  }

  /** A control file that the kernel notifies (poll(2) says POLLPRI), or a pressure trigger: called once a notice. The file is read before and at each. */
  addNotified(fd: number, happened: OnReady): void {
    this.#handlers.set(fd, happened);
    this.#epoll.addNotified(fd);
  }

  /** To be called before the descriptor is closed. */
  remove(fd: number): void {
    if (this.#handlers.delete(fd)) this.#epoll.remove(fd);
  }

  /** Waits for ever; `failed` hears of an epoll that does not wait any more, which no event loop survives. */
  start(failed: (error: unknown) => void): void {
    this.#failure = failed;
    void this.#loop();
  }

  /** Ends the wait, which would hold a thread of the pool for ever. Nobody is called any more. */
  stop(): void {
    this.#stopped = true;
    eventfdWrite(this.#end, 1);
  }

  async #loop(): Promise<void> {
    try {
      this.#epoll.add(this.#end, true);
      while (!this.#stopped) {
        const { ready, wokeNs } = await this.#epoll.wait();
        const wokeMs = Number(wokeNs) / 1e6;
        // A handler may remove another's descriptor, so each is looked up when its turn comes.
        for (const { fd, count } of ready) if (!this.#stopped) this.#handlers.get(fd)?.(count, wokeMs);
      }
      this.#epoll.close();
      closeSync(this.#end);
    } catch (error) {
      this.#failure?.(error);
    }
  }
}
