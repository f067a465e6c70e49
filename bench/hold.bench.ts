// Whether a guard catches a group that grows by 1 GiB a second before the kernel kills, how long after the kernel's signal, and how far past its line.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedGroup } from '../server/agent/guard/fixtures/guarded-group.ts';
import { Guard } from '../server/agent/guard/guard.ts';
import { monotonicMs } from '../server/agent/kernel/clock.ts';
import { Sources } from '../server/agent/kernel/sources.ts';
import { bytesText } from '../server/contract/units.ts';
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';

const ROUNDS = 50;
const MIB_PER_SECOND = 1024;
/** 90 % of the limit, as README recommends. */
const FREEZE_AT_BYTES = 230 * 2 ** 20;
const HARD_LIMIT_BYTES = 256 * 2 ** 20;
const EXIT_POLL_MS = 50;

interface Held {
  /** From the signal to the freeze that was written. */
  readonly latencyMs: number;
  /** The most that was used, less the line. */
  readonly overshootBytes: number;
}

/** @returns undefined where the group's process was killed instead */
async function round(guard: Guard, group: GuardedGroup, peak: string): Promise<Held | undefined> {
  const caught = new Promise<number>((done) =>
    guard.onCaught(({ group: path, wokeMs }) => path === group.path && wokeMs !== undefined && done(monotonicMs() - wokeMs)),
  );
  await guard.arm(group.path, { freezeAtBytes: FREEZE_AT_BYTES, hardLimitBytes: HARD_LIMIT_BYTES });
  const process = group.grow(MIB_PER_SECOND);
  const ended = new Promise<undefined>((done) => process.once('exit', () => done(undefined)));
  const latencyMs = await Promise.race([caught, ended]);
  // Time for a kill that came before the freeze to show.
  await new Promise((done) => setTimeout(done, EXIT_POLL_MS));
  const killed = group.kills > 0;
  const overshootBytes = Math.max(0, Number(group.read(peak)) - FREEZE_AT_BYTES);
  await group.empty();
  await guard.disarm(group.path);
  return killed || latencyMs === undefined ? undefined : { latencyMs, overshootBytes };
}

export async function bench(ground: Ground): Promise<Figure[]> {
  const sources = new Sources();
  sources.start((error) => {
    throw error;
  });
  const stateDir = mkdtempSync(join(tmpdir(), 'cgdeck-bench-guard-'));
  ground.onRemove(async () => {
    sources.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });
  const reach = { mayWrite: () => undefined, holdsOurselves: () => false };
  const guard = new Guard({ layout: ground.layout, reach, sources, stateDir, boot: 'bench' });
  const version = ground.layout.ofController('memory') ? 1 : 2;
  const peak = version === 1 ? 'memory.max_usage_in_bytes' : 'memory.peak';
  const held: Held[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const one = await round(guard, new GuardedGroup(ground, `caught${i}`), peak);
    if (one) held.push(one);
  }
  const [latencies, overshoots] = [held.map(({ latencyMs }) => latencyMs), held.map(({ overshootBytes }) => overshootBytes)];
  const soon =
    held.length === 0
      ? ''
      : `; after the signal: median ${ms(quantile(latencies, 0.5))}, most ${ms(quantile(latencies, 1))}; past the line: median ${bytesText(quantile(overshoots, 0.5))}, most ${bytesText(quantile(overshoots, 1))}`;
  return [
    {
      name: `caught before a kill on v${version}`,
      cgdeck: `${held.length} of ${ROUNDS}${soon}`,
      comparedWith: `growth by ${MIB_PER_SECOND} MiB a second, line ${bytesText(FREEZE_AT_BYTES)}, limit ${bytesText(HARD_LIMIT_BYTES)}`,
      target: `${ROUNDS} of ${ROUNDS}`,
      met: held.length === ROUNDS,
    },
  ];
}
