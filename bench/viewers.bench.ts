// What viewers of the deck cost: the bytes of a frame, and the processor time of agent and web process with one viewer and with 1,000.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Figure } from './figure.ts';
import type { Ground } from './ground.ts';
import { BenchServer } from './server.ts';

const GROUPS = 1_000;
const BUSY_EACH = 10;
const VIEWERS = [1, 200, 1_000];
const FOR_MS = 20_000;
const WARM_UP_MS = 5_000;
const MOST_BYTES = 8_000;
/** Percent of a core, for all viewers but the first. */
const MOST_GROWTH = 25;
/** /proc/<pid>/stat counts in these. */
const TICKS_PER_SEC = 100;

interface Seen {
  readonly frames: number;
  readonly bytes: number;
  /** Of all viewers, the frames of the one that got fewest, and most. */
  readonly least: number;
  readonly most: number;
}

/** Processes that work a little in a tenth of the groups. */
async function makeBusy(ground: Ground): Promise<void> {
  const lines: string[] = [];
  for (let i = 0; i < GROUPS; i++) {
    const group = ground.make(`${ground.root}/g${i}`);
    if (i % BUSY_EACH !== 0) continue;
    const cpuset = ground.layout.ofController('cpuset');
    for (const file of cpuset ? ['cpuset.cpus', 'cpuset.mems'] : [])
      if (cpuset)
        writeFileSync(join(ground.layout.dir(cpuset, group), file), readFileSync(join(ground.layout.dir(cpuset, ground.root), file)));
    lines.push(ground.layout.hierarchies.map((hierarchy) => join(ground.layout.dir(hierarchy, group), 'cgroup.procs')).join(' '));
  }
  const busy = spawn(join(import.meta.dirname, 'build', 'busy'), { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(busy, 'exit');
  ground.onRemove(async () => {
    busy.kill('SIGKILL');
    await ended;
  });
  busy.stdin.end(`${lines.join('\n')}\n`);
  await once(busy.stdout, 'data');
}

/** Seconds of processor time so far. */
function cpuSec(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC;
}

async function watch(server: BenchServer, viewers: number): Promise<{ readonly seen: Seen; readonly percent: number }> {
  const address = `ws://${server.address}/stream?readings=summary`;
  const args = [join(import.meta.dirname, 'viewers.ts'), address, String(viewers), String(FOR_MS)];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, CGDECK_TOKEN: server.token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  const [before, startedMs] = [cpuSec(server.agentPid) + cpuSec(server.webPid), performance.now()];
  const { value } = await lines.next();
  const used = cpuSec(server.agentPid) + cpuSec(server.webPid) - before;
  if (typeof value !== 'string') throw new Error('The viewers ended early.');
  return { seen: JSON.parse(value) as Seen, percent: (used / (performance.now() - startedMs)) * 100_000 };
}

export async function bench(ground: Ground): Promise<Figure[]> {
  await makeBusy(ground);
  const server = await BenchServer.start(ground);
  await setTimeout(WARM_UP_MS);
  const figures: Figure[] = [];
  let alone: number | undefined;
  for (const viewers of VIEWERS) {
    const { seen, percent } = await watch(server, viewers);
    if (alone === undefined) {
      alone = percent;
      const bytes = Math.round(seen.bytes / seen.frames);
      figures.push({
        name: `bytes of a frame for the deck, ${GROUPS} groups, a tenth busy`,
        cgdeck: `${bytes} B`,
        comparedWith: '',
        target: `at most ${MOST_BYTES} B`,
        met: bytes <= MOST_BYTES,
      });
      continue;
    }
    const growth = percent - alone;
    figures.push({
      name: `${viewers} viewers, each of which got ${seen.least} to ${seen.most} frames`,
      cgdeck: `${percent.toFixed(1)} % of a core`,
      comparedWith: `one viewer: ${alone.toFixed(1)} %`,
      target: `each gets each tick, and at most ${MOST_GROWTH} % more`,
      // One may be between two of them when the counting begins or ends.
      met: growth <= MOST_GROWTH && seen.most - seen.least <= 1,
    });
  }
  return figures;
}
