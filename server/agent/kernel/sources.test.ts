// Descriptor numbers that are reused while notices of the old descriptors wait, and handlers that throw.
import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventfd, eventfdRead, eventfdWrite } from '../../../native/libc/epoll.ts';
import { RESERVED_DESCRIPTORS, type Source, Sources } from './sources.ts';

let sources: Sources;
let faults: string[];

beforeEach(() => {
  sources = new Sources();
  faults = [];
});
afterEach(() => sources.stop());

function start(): void {
  sources.start(
    (error) => {
      throw error;
    },
    (name, error) => faults.push(`${name}: ${error instanceof Error ? error.message : error}`),
  );
}

/** An eventfd with the number of a closed one. */
function reopen(number: number): number {
  const fd = eventfd();
  if (fd === number) return fd;
  const found = reopen(number);
  closeSync(fd);
  return found;
}

/** Resolves when everything that was ready before has been handled. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const fd = eventfd();
    const source = sources.watch('the turn', fd, 'counter', () => {
      source.close();
      resolve();
    });
    eventfdWrite(fd, 1);
  });
}

test('a notice of a closed descriptor does not reach the one that reuses its number', async () => {
  const fds = [eventfd(), eventfd()];
  const watched: Source[] = [];
  const called: string[] = [];
  let again = -1;
  for (const [i, fd] of fds.entries()) {
    const ready = () => {
      called.push(`old ${i}`);
      if (again >= 0) return;
      watched[1 - i]?.close();
      again = reopen(fds[1 - i] ?? -1);
      sources.watch('the new one', again, 'counter', (count) => called.push(`new ${count}`));
    };
    watched.push(sources.watch('an old one', fd, 'counter', ready));
    eventfdWrite(fd, 1);
  }
  start();
  await turn();
  await turn();
  expect(called).toHaveLength(1);
  eventfdWrite(again, 3);
  await turn();
  expect(called[1]).toBe('new 3');
});

test('the counter of a descriptor that reuses a closed one’s number is not read', async () => {
  const [first, second] = [eventfd(), eventfd()];
  const old = sources.watch('the second', second, 'counter', () => expect.unreachable());
  let reused = -1;
  sources.watch('the first', first, 'counter', () => {
    old.close();
    reused = reopen(second);
    eventfdWrite(reused, 7);
  });
  eventfdWrite(first, 1);
  eventfdWrite(second, 1);
  start();
  await turn();
  await turn();
  expect(eventfdRead(reused)).toBe(7);
  closeSync(reused);
});

test('counts the signals since the last read', async () => {
  const fd = eventfd();
  const counts: number[] = [];
  sources.watch('a counter', fd, 'counter', (count) => counts.push(count));
  eventfdWrite(fd, 2);
  eventfdWrite(fd, 3);
  start();
  await turn();
  eventfdWrite(fd, 4);
  await turn();
  expect(counts).toEqual([5, 4]);
});

test('a handler that throws closes its own source and is reported; others are still called', async () => {
  const [bad, good] = [eventfd(), eventfd()];
  let calls = 0;
  const source = sources.watch('notices of /x', bad, 'counter', () => {
    throw new Error('ENOSPC');
  });
  sources.watch('the good one', good, 'counter', () => {
    calls++;
  });
  for (const fd of [bad, good]) eventfdWrite(fd, 1);
  start();
  await turn();
  expect(faults).toEqual(['notices of /x: ENOSPC']);
  expect(() => eventfdWrite(bad, 1)).toThrow('EBADF');
  eventfdWrite(good, 1);
  await turn();
  expect(calls).toBe(2);
  // Its number is reused by now.
  const other = reopen(bad);
  source.close();
  closeSync(other);
});

test('a descriptor that cannot be watched is closed', () => {
  const fd = openSync('/etc/passwd', 'r');
  expect(() => sources.watch('a plain file', fd, 'readable', () => {})).toThrow('EPERM');
  expect(() => closeSync(fd)).toThrow('EBADF');
});

test('notices of groups leave descriptors to the agent, and report it; what it needs to follow processes is watched to the last', () => {
  const few = new Sources(RESERVED_DESCRIPTORS);
  const fd = eventfd();
  expect(() => few.watch('memory.oom_control of /a', fd, 'counter', () => {})).toThrow(/too many files are open/);
  // It was closed: its number is the next again.
  expect(eventfd()).toBe(fd);
  expect(few.missing()).toEqual([expect.stringMatching(/limit of 512 open files .* Raise it/)]);
  few.watch('the end of a launcher', fd, 'readable', () => {}).close();
  few.stop();
});
