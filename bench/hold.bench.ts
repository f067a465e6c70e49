// Whether a guard catches a group that grows by 100 MiB a second before the kernel kills, and how long after the kernel's signal.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GuardedGroup } from '../server/agent/guard/fixtures/guarded-group.ts';
import { Guard } from '../server/agent/guard/guard.ts';
import { monotonicMs } from '../server/agent/kernel/clock.ts';
import { Sources } from '../server/agent/kernel/sources.ts';
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';

const ROUNDS = 20;
const MIB_PER_SECOND = 100;
const FREEZE_AT_BYTES = 48 * 2 ** 20;
const HARD_LIMIT_BYTES = 64 * 2 ** 20;
const EXIT_POLL_MS = 50;

/** @returns ms from the signal to the freeze that was written, or undefined where the group's process was killed instead */
async function round(guard: Guard, group: GuardedGroup): Promise<number | undefined> {
  const caught = new Promise<number>((done) =>
    guard.onCaught(({ group: path, wokeMs }) => path === group.path && wokeMs !== undefined && done(monotonicMs() - wokeMs)),
  );
  await guard.arm(group.path, { freezeAtBytes: FREEZE_AT_BYTES, hardLimitBytes: HARD_LIMIT_BYTES });
  const process = group.grow(MIB_PER_SECOND);
  const ended = new Promise<undefined>((done) => process.once('exit', () => done(undefined)));
  const latency = await Promise.race([caught, ended]);
  // Time for a kill that came before the freeze to show.
  await new Promise((done) => setTimeout(done, EXIT_POLL_MS));
  const killed = group.kills > 0;
  await group.empty();
  await guard.disarm(group.path);
  return killed ? undefined : latency;
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
  const latencies: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const latency = await round(guard, new GuardedGroup(ground, `caught${i}`));
    if (latency !== undefined) latencies.push(latency);
  }
  const version = ground.layout.ofController('memory') ? 1 : 2;
  const soon =
    latencies.length === 0 ? '' : `; after the signal: median ${ms(quantile(latencies, 0.5))}, most ${ms(quantile(latencies, 1))}`;
  return [
    {
      name: `caught before a kill on v${version}`,
      cgdeck: `${latencies.length} of ${ROUNDS}${soon}`,
      comparedWith: `growth by ${MIB_PER_SECOND} MiB a second`,
      target: `${ROUNDS} of ${ROUNDS}`,
      met: latencies.length === ROUNDS,
    },
  ];
}
