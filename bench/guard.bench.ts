// Guards through the whole of cgdeck: how soon a client knows of a held group, how far a fast leak gets past its line, many groups at once, and what
// armed guards cost.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Epoll, eventfd } from '../native/libc/epoll.ts';
import { buildDir } from '../native/libc/library.ts';
import type { Event } from '../server/contract/events.ts';
import { decodeFrame } from '../server/contract/frame.ts';
import { bytesText } from '../server/contract/units.ts';
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';
import { BenchServer, type Received } from './server.ts';

const MIB = 2 ** 20;
const LINE = 64 * MIB;
const LIMIT = 256 * MIB;
const ROUNDS = 50;
const MEDIAN_UNDER_MS = 5;
const P99_UNDER_MS = 50;
const AT_ONCE = 200;
const ARMED = 500;
const IDLE_SECONDS = 10;
const COST_UNDER_PERCENT = 0.5;
const USER_HZ = 100;

type Hold = Extract<Event, { kind: 'hold' }>;

class Bench {
  readonly #ground: Ground;
  readonly #server: BenchServer;
  readonly #holds = new Map<string, Received & { readonly event: Hold }>();
  readonly #isV1: boolean;
  #wake: (() => void) | undefined;
  late = 0;

  constructor(ground: Ground, server: BenchServer) {
    this.#ground = ground;
    this.#server = server;
    this.#isV1 = ground.layout.ofController('memory')?.version === 1;
  }

  readonly onEvent = (received: Received): void => {
    const { event } = received;
    if (event.kind !== 'hold' || event.replaces !== undefined) return;
    this.#holds.set(event.group, { ...received, event });
    this.#wake?.();
  };

  readonly onFrame = (bytes: Uint8Array): void => {
    ({ late: this.late } = decodeFrame(bytes).tick);
  };

  file(group: string, v1: string, v2: string): string {
    const { layout } = this.#ground;
    const hierarchy = layout.ofController('memory') ?? layout.unified;
    if (!hierarchy) throw new Error('No memory controller is mounted.');
    return join(layout.dir(hierarchy, group), this.#isV1 ? v1 : v2);
  }

  async make(name: string): Promise<string> {
    const group = `${this.#ground.root}/${name}`;
    const limits = { [this.#isV1 ? 'memory.limit_in_bytes' : 'memory.max']: LIMIT, ...(this.#isV1 ? {} : { 'memory.swap.max': 0 }) };
    await this.#server.call('POST', '/groups', { path: group, limits });
    return group;
  }

  setGuard(pattern: string): Promise<unknown> {
    return this.#server.call('PUT', '/guards', { pattern, plan: { line: LINE, deadlineSeconds: 600 } });
  }

  removeGuard(pattern: string): Promise<unknown> {
    return this.#server.call('DELETE', `/guards?pattern=${encodeURIComponent(pattern)}`);
  }

  /** In the memory and the freezer's hierarchies, as the guard needs it. */
  leak(group: string, mibPerSec: number): ChildProcess {
    const { layout } = this.#ground;
    const enter = layout.hierarchies.map((hierarchy) => `echo 0 > '${layout.dir(hierarchy, group)}/cgroup.procs'; `).join('');
    return spawn('/bin/sh', ['-c', `${enter}exec '${join(buildDir, 'cgdeck-load')}' leak ${mibPerSec}`], { stdio: 'ignore' });
  }

  async held(group: string): Promise<Received & { readonly event: Hold }> {
    for (;;) {
      const found = this.#holds.get(group);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  kill(group: string): Promise<unknown> {
    return this.#server.call('DELETE', `/groups${group}?kill=true`);
  }

  /** From the kernel's signal, as a witness on an eventfd of its own has it (v1), to the facts at a client; and the bytes past the line. */
  async round(i: number): Promise<{ readonly latencyMs: number | undefined; readonly overshoot: number }> {
    const group = await this.make(`fast${i}`);
    await this.setGuard(group);
    const witness = this.#isV1
      ? witnessOf(this.file(group, 'memory.oom_control', ''), this.file(group, 'cgroup.event_control', ''))
      : undefined;
    const child = this.leak(group, 1024);
    const wokeNs = await witness?.seen;
    const { atNs, event } = await this.held(group);
    const peak = Number(readFileSync(this.file(group, 'memory.max_usage_in_bytes', 'memory.peak'), 'utf8'));
    const dead = child.exitCode !== null || child.signalCode !== null;
    witness?.close();
    await this.kill(group);
    await this.removeGuard(group);
    if (dead) throw new Error(`${group} was killed instead of held`);
    return { latencyMs: wokeNs === undefined ? event.latencyMs : Number(atNs - wokeNs) / 1e6, overshoot: peak - LINE };
  }

  async many(): Promise<{ held: number; lateTicks: number }> {
    const pattern = `${this.#ground.root}/many*`;
    const groups: string[] = [];
    for (let i = 0; i < AT_ONCE; i++) groups.push(await this.make(`many${i}`));
    await this.setGuard(pattern);
    await setTimeout(3000);
    const before = this.late;
    for (const group of groups) this.leak(group, 4096);
    await Promise.race([Promise.all(groups.map((group) => this.held(group))), setTimeout(60_000)]);
    const held = groups.filter((group) => this.#holds.has(group)).length;
    await setTimeout(2000);
    const lateTicks = this.late - before;
    for (const group of groups) await this.kill(group);
    await this.removeGuard(pattern);
    return { held, lateTicks };
  }

  async armed(): Promise<{ without: number; with: number }> {
    const pattern = `${this.#ground.root}/idle*`;
    const groups: string[] = [];
    for (let i = 0; i < ARMED; i++) groups.push(await this.make(`idle${i}`));
    await setTimeout(3000);
    const without = await this.#percent();
    await this.setGuard(pattern);
    await setTimeout(3000);
    const armed = await this.#percent();
    await this.removeGuard(pattern);
    for (const group of groups) await this.kill(group);
    return { without, with: armed };
  }

  /** Of one processor, over some idle seconds. */
  async #percent(): Promise<number> {
    const before = cpuTicks(this.#server.agentPid);
    await setTimeout(IDLE_SECONDS * 1000);
    return ((cpuTicks(this.#server.agentPid) - before) / USER_HZ / IDLE_SECONDS) * 100;
  }
}

function cpuTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, '').trim().split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function witnessOf(file: string, control: string): { seen: Promise<bigint>; close: () => void } {
  const epoll = new Epoll();
  const counter = eventfd();
  const fd = openSync(file, 'r');
  writeFileSync(control, `${counter} ${fd}`);
  epoll.add(counter, 'readable', 0);
  return {
    seen: epoll.wait().then(({ wokeNs }) => wokeNs),
    close: () => {
      epoll.remove(counter);
      closeSync(counter);
      closeSync(fd);
    },
  };
}

export async function bench(ground: Ground): Promise<Figure[]> {
  const server = await BenchServer.start(ground);
  const bench_ = new Bench(ground, server);
  const socket = await server.stream(bench_.onEvent, bench_.onFrame);
  const rounds = [];
  for (let i = 0; i < ROUNDS; i++) rounds.push(await bench_.round(i));
  const many = await bench_.many();
  const cost = await bench_.armed();
  socket.close();
  const latencies = rounds.flatMap(({ latencyMs }) => latencyMs ?? []);
  const overshoots = rounds.map(({ overshoot }) => overshoot);
  const [median, p99] = [quantile(latencies, 0.5), quantile(latencies, 0.99)];
  const more = cost.with - cost.without;
  return [
    {
      name: 'a group held, with what is known of it, to WebSocket client',
      cgdeck: `median ${ms(median)}, 99 % ${ms(p99)}`,
      comparedWith: `from the kernel’s signal, ${ROUNDS} times`,
      target: `under ${MEDIAN_UNDER_MS} ms, 99 % under ${P99_UNDER_MS} ms`,
      met: median < MEDIAN_UNDER_MS && p99 < P99_UNDER_MS,
    },
    {
      name: 'past its line, growing by 1 GiB a second',
      cgdeck: `median ${bytesText(quantile(overshoots, 0.5))}, most ${bytesText(quantile(overshoots, 1))}`,
      comparedWith: `line ${bytesText(LINE)}, limit ${bytesText(LIMIT)}`,
      target: 'held before the limit in all',
      met: overshoots.every((bytes) => LINE + bytes < LIMIT),
    },
    {
      name: `${AT_ONCE} groups that meet their line at once`,
      cgdeck: `${many.held} held and reported, ${many.lateTicks} late ticks`,
      comparedWith: '',
      target: 'all, none late by more than a period',
      met: many.held === AT_ONCE && many.lateTicks <= 1,
    },
    {
      name: `${ARMED} armed guards on an idle machine`,
      cgdeck: `${more.toFixed(2)} % of a processor more`,
      comparedWith: `without: ${cost.without.toFixed(2)} %`,
      target: `under ${COST_UNDER_PERCENT} %`,
      met: more < COST_UNDER_PERCENT,
    },
  ];
}
