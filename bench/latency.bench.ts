// From an act of the kernel to its event at a WebSocket client: a group made, a process killed, and an OOM as a witness on an eventfd of its own saw it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Epoll, eventfd } from '../native/libc/epoll.ts';
import { buildDir } from '../native/libc/library.ts';
import type { Event } from '../server/contract/events.ts';
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';
import { BenchServer, type Received } from './server.ts';

const SAMPLES = 200;
const OOMS = 50;
/** Between two samples, so that each meets a machine at rest and the moments spread over the tick's interval. */
const REST_MS = 23;
const MEDIAN_UNDER_MS = 2;
const P99_UNDER_MS = 10;

class Listener {
  #wanted: { matches: (event: Event) => boolean; resolve: (received: Received) => void } | undefined;

  readonly take = (received: Received): void => {
    if (!this.#wanted?.matches(received.event)) return;
    this.#wanted.resolve(received);
    this.#wanted = undefined;
  };

  next(matches: (event: Event) => boolean): Promise<Received> {
    return new Promise((resolve) => {
      this.#wanted = { matches, resolve };
    });
  }
}

function sinceMs(received: Received, ns: bigint): number {
  return Number(received.atNs - ns) / 1e6;
}

function figure(what: string, from: string, values: readonly number[]): Figure {
  const [median, p99] = [quantile(values, 0.5), quantile(values, 0.99)];
  return {
    name: `${what} to WebSocket client`,
    cgdeck: `median ${ms(median)}, 99 % ${ms(p99)}`,
    comparedWith: `${from}, ${values.length} times`,
    target: `under ${MEDIAN_UNDER_MS} ms, 99 % under ${P99_UNDER_MS} ms`,
    met: median < MEDIAN_UNDER_MS && p99 < P99_UNDER_MS,
  };
}

async function groupsMade(ground: Ground, listener: Listener): Promise<number[]> {
  const first = ground.layout.hierarchies[0];
  if (!first) throw new Error('No hierarchy is mounted.');
  const values: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const group = `${ground.root}/made${i}`;
    const received = listener.next((event) => event.kind === 'create' && event.group === group);
    const startedNs = process.hrtime.bigint();
    mkdirSync(ground.layout.dir(first, group));
    values.push(sinceMs(await received, startedNs));
    rmdirSync(ground.layout.dir(first, group));
    await setTimeout(REST_MS);
  }
  return values;
}

async function processesKilled(ground: Ground, server: BenchServer, listener: Listener): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < OOMS; i++) {
    const group = `${ground.root}/killed`;
    const { pid } = (await server.call('POST', '/launch', { name: 'killed', argv: ['/bin/sleep', '600'], namespaces: [] })) as {
      pid: number;
    };
    await setTimeout(REST_MS);
    const received = listener.next((event) => event.kind === 'exit' && event.group === group);
    const startedNs = process.hrtime.bigint();
    process.kill(pid, 'SIGKILL');
    values.push(sinceMs(await received, startedNs));
  }
  return values;
}

/** A process that joins the group by itself and then takes memory until the kernel ends it. */
function leakInto(dir: string): Promise<unknown> {
  const child = spawn(
    '/bin/sh',
    ['-c', 'echo $$ > "$0" && exec "$1" leak 1024', join(dir, 'cgroup.procs'), join(buildDir, 'cgdeck-load')],
    { stdio: 'ignore' },
  );
  return once(child, 'exit');
}

/** The witness waits on an eventfd of its own for the same file: the kernel signals both at once. */
async function outOfMemory(ground: Ground, listener: Listener): Promise<number[]> {
  const memory = ground.layout.ofController('memory');
  if (!memory) return [];
  const values: number[] = [];
  for (let i = 0; i < OOMS; i++) {
    const group = `${ground.root}/oom${i}`;
    const dir = ground.layout.dir(memory, group);
    const made = listener.next((event) => event.kind === 'create' && event.group === group);
    mkdirSync(dir);
    writeFileSync(join(dir, 'memory.limit_in_bytes'), '8M');
    await made;
    const witness = new Epoll();
    const counter = eventfd();
    const file = openSync(join(dir, 'memory.oom_control'), 'r');
    writeFileSync(join(dir, 'cgroup.event_control'), `${counter} ${file}`);
    witness.add(counter, 'readable', 0);
    const seen = witness.wait();
    const received = listener.next((event) => event.kind === 'oom' && event.group === group);
    const ended = leakInto(dir);
    const { wokeNs } = await seen;
    values.push(sinceMs(await received, wokeNs));
    await ended;
    witness.remove(counter);
    closeSync(counter);
    closeSync(file);
  }
  return values;
}

export async function bench(ground: Ground): Promise<Figure[]> {
  const server = await BenchServer.start(ground);
  const listener = new Listener();
  const socket = await server.stream(listener.take);
  const figures = [
    figure('group made', 'from before mkdir(2)', await groupsMade(ground, listener)),
    figure('process killed', 'from before kill(2)', await processesKilled(ground, server, listener)),
  ];
  const ooms = await outOfMemory(ground, listener);
  if (ooms.length > 0) figures.push(figure('OOM', 'from a witness on its own eventfd', ooms));
  socket.close();
  return figures;
}
