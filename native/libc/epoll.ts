// epoll(7), whose wait runs on a thread of the pool, and eventfd(2).
import { closeSync, readSync } from 'node:fs';
import { CLOEXEC, checked, errnoName, KernelError, kernel, libc, NONBLOCK, positive } from './library.ts';

const cEventfd = libc.func('int eventfd(unsigned int initial, int flags)');
const cEventfdWrite = libc.func('int eventfd_write(int fd, uint64_t value)');
const cEpollCreate = libc.func('int epoll_create1(int flags)');
const cWait = kernel.func('int cgdeck_wait(int epoll, void *ready, void *woke)');
const cEpollAdd = kernel.func('int cgdeck_epoll_add(int epoll, int fd, uint32_t events, uint64_t number)');
const cEpollRemove = kernel.func('int cgdeck_epoll_remove(int epoll, int fd)');

/** A non-blocking counter that the kernel increments for a notification. */
export function eventfd(): number {
  return checked('eventfd', cEventfd(0, NONBLOCK | CLOEXEC));
}

/** Adds to an eventfd's counter, which wakes its waiters. */
export function eventfdWrite(fd: number, value: number): void {
  checked('eventfd_write', cEventfdWrite(fd, value));
}

const counter = new BigUint64Array(1);

/** How often an eventfd was signalled since the last read. */
export function eventfdRead(fd: number): number {
  try {
    readSync(fd, counter);
    return Number(counter[0]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}

/**
 * `readable`: data can be read (EPOLLIN). `notified`: the kernel notifies of a control file or pressure trigger (EPOLLPRI). Notices are
 * edge-triggered (EPOLLET), because the file of a removed group stays ready for ever.
 */
export type Readiness = 'readable' | 'notified';

const EVENTS: Readonly<Record<Readiness, number>> = { readable: 0x1, notified: 0x80000002 };
const MAX_READY = 256;

export class Epoll {
  readonly #fd = checked('epoll_create1', cEpollCreate(CLOEXEC));
  readonly #ready = new BigUint64Array(MAX_READY);
  readonly #woke = new BigInt64Array(1);

  /** @param number identifies this registration in `wait` */
  add(fd: number, readiness: Readiness, number: number): void {
    positive('epoll_ctl ADD', cEpollAdd(this.#fd, fd, EVENTS[readiness], number));
  }

  remove(fd: number): void {
    positive('epoll_ctl DEL', cEpollRemove(this.#fd, fd));
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Waits for ready descriptors. `wokeNs` is CLOCK_MONOTONIC (the clock of process.hrtime) when epoll_wait returned. */
  wait(): Promise<{ readonly ready: number[]; readonly wokeNs: bigint }> {
    return new Promise((resolve, reject) => {
      cWait.async(this.#fd, this.#ready, this.#woke, (error: unknown, n: number) => {
        if (error) return reject(error);
        // EINTR: a signal interrupted the wait.
        if (n < 0 && errnoName(-n) !== 'EINTR') return reject(new KernelError('epoll_wait', -n));
        resolve({ ready: Array.from(this.#ready.subarray(0, Math.max(n, 0)), Number), wokeNs: this.#woke[0] ?? 0n });
      });
    });
  }
}
