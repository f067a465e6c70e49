// Out of memory again and again: what a storm of kills sends to a browser and does to the tick, and how the kernel's log is read when it is full.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { buildDir } from '../native/libc/library.ts';
import { Sources } from '../server/agent/kernel/sources.ts';
import { KernelLog } from '../server/agent/observe/watch/kernel-log.ts';
import { OomLines } from '../server/agent/observe/watch/oom-lines.ts';
import type { Event } from '../server/contract/events.ts';
import { decodeFrame } from '../server/contract/frame.ts';
import { type Figure, ms } from './figure.ts';
import type { Ground } from './ground.ts';
import { BenchServer } from './server.ts';

const GROUPS = 4;
const SECONDS = 10;
/** Each group's program is started again as soon as it is killed, but not more often. */
const KILLS_PER_SEC = 200;
const EVENTS_UNDER_PER_SEC = 50;
const RECORDS = 10_000;
const RECORDS_UNDER_MS = 200;
const TURN_AT_MOST_MS = 10;
/** The last merged events come a second later. */
const REST_MS = 4000;

function killed(dir: string, isV1: boolean): number {
  const text = readFileSync(join(dir, isV1 ? 'memory.oom_control' : 'memory.events.local'), 'utf8');
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1]);
}

/** Starts a program that is killed, and the next one, until the time is over. */
async function dieIn(dir: string, untilMs: number): Promise<void> {
  const everyMs = (1000 * GROUPS) / KILLS_PER_SEC;
  let nextMs = performance.now();
  const children = new Set<Promise<unknown>>();
  const start = (): ChildProcess =>
    spawn('/bin/sh', ['-c', 'echo 0 > "$0" && exec "$1" leak 4096', join(dir, 'cgroup.procs'), join(buildDir, 'cgdeck-load')], {
      stdio: 'ignore',
    });
  while (performance.now() < untilMs) {
    const ended = once(start(), 'exit');
    children.add(ended);
    void ended.then(() => children.delete(ended));
    nextMs += everyMs;
    await setTimeout(Math.max(0, nextMs - performance.now()));
    if (children.size > 2) await Promise.race(children);
  }
  await Promise.all(children);
}

async function storm(ground: Ground): Promise<Figure[]> {
  const memory = ground.layout.ofController('memory');
  if (!memory) return [];
  const isV1 = memory.version === 1;
  const server = await BenchServer.start(ground);
  const events: { readonly atMs: number; readonly event: Event }[] = [];
  let late = 0;
  const socket = await server.stream(
    ({ event, atNs }) => events.push({ atMs: Number(atNs) / 1e6, event }),
    (bytes) => {
      ({ late } = decodeFrame(bytes).tick);
    },
  );
  const dirs = Array.from({ length: GROUPS }, (_, i) => ground.layout.dir(memory, `${ground.root}/storm${i}`));
  for (const dir of dirs) {
    mkdirSync(dir);
    writeFileSync(join(dir, isV1 ? 'memory.limit_in_bytes' : 'memory.max'), '4M');
  }
  await setTimeout(REST_MS);
  const lateBefore = late;
  events.splice(0);
  const startedMs = performance.now();
  await Promise.all(dirs.map((dir) => dieIn(dir, startedMs + SECONDS * 1000)));
  const tookMs = performance.now() - startedMs;
  const lateIn = late - lateBefore;
  await setTimeout(REST_MS);
  socket.close();
  const kernel = dirs.reduce((sum, dir) => sum + killed(dir, isV1), 0);
  const counted = events.reduce((sum, { event }) => sum + (event.kind === 'oom_kill' ? event.count : 0), 0);
  const most = Math.max(...events.map(({ atMs }) => events.filter((one) => one.atMs >= atMs && one.atMs < atMs + 1000).length));
  return [
    {
      name: `${Math.round((kernel / tookMs) * 1000)} OOM kills a second for ${SECONDS} s: events to a browser`,
      cgdeck: `at most ${most} a second; ${counted} kills counted; ${lateIn} late ticks`,
      comparedWith: `the kernel’s counters: ${kernel} kills`,
      target: `under ${EVENTS_UNDER_PER_SEC} a second, the same count, none late`,
      met: most < EVENTS_UNDER_PER_SEC && counted === kernel && lateIn === 0,
    },
  ];
}

/** Of this thread: what else the machine does is not the reader's. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** The log holds fewer records than are wanted here: it is read from its start again and again. */
async function fullLog(): Promise<Figure> {
  const lines = new OomLines({ has: () => true, isLeaf: () => true });
  const sources = new Sources();
  let records = 0;
  let tookMs = 0;
  let tookCpuMs = 0;
  let longestMs = 0;
  while (records < RECORDS) {
    const before = records;
    const log = new KernelLog(sources);
    let reading = true;
    const [startedMs, startedCpuMs] = [performance.now(), cpuMs()];
    const read = log
      .start((record) => {
        records++;
        lines.take(record);
      })
      .finally(() => {
        tookMs += performance.now() - startedMs;
        tookCpuMs += cpuMs() - startedCpuMs;
        reading = false;
      });
    for (let before = startedCpuMs; reading; before = cpuMs()) {
      await nextTurn();
      longestMs = Math.max(longestMs, cpuMs() - before);
    }
    await read;
    log.close();
    if (records === before) throw new Error('The kernel’s log is empty.');
  }
  const ofAllMs = (tookMs / records) * RECORDS;
  const ofAllCpuMs = (tookCpuMs / records) * RECORDS;
  return {
    name: `${RECORDS.toLocaleString('en')} records of the kernel’s log at start`,
    cgdeck: `${ms(ofAllMs)}, of the processor ${ms(ofAllCpuMs)}, at most ${ms(longestMs)} at once`,
    comparedWith: `${records.toLocaleString('en')} records read`,
    target: `under ${RECORDS_UNDER_MS} ms, at most ${TURN_AT_MOST_MS} ms at once`,
    met: ofAllMs < RECORDS_UNDER_MS && longestMs <= TURN_AT_MOST_MS,
  };
}

export async function bench(ground: Ground): Promise<Figure[]> {
  return [await fullLog(), ...(await storm(ground))];
}
