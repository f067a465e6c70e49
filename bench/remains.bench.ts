// What thousands of launches in a row leave behind: mounts, links, addresses, groups, processes, files, host ids, descriptors, watches, MiB.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Figure } from './figure.ts';
import type { Ground } from './ground.ts';
import { BenchServer } from './server.ts';

const LAUNCHES = Number(process.env.CGDECK_BENCH_LAUNCHES ?? 2_000);
/** What grows to its bound first is not counted, such as the 20,000 events in memory. */
const WARM_UP = Math.min(LAUNCHES, 1_500);
const AT_ONCE = 4;
const NAMES = 16;
/** The logs and the history grow to their own bounds. */
const MOST_MIB = 24;
/** Descriptors and watches that the agent has for each group that others make meanwhile. */
const PER_GROUP = 24;
const SETTLE_MS = 500;
const SETTLE_TIMES = 60;

type Counts = Readonly<Record<string, number>>;

/** Every kind of launch in its turn: an end of its own, a stop, a layer, a terminal, a network. */
function requestOf(number: number, isV1: boolean): Record<string, unknown> {
  const kinds = [
    { argv: ['/bin/true'] },
    { argv: ['/bin/sleep', '1000'] },
    { argv: ['/bin/true'], overlay: {} },
    { argv: ['/bin/sleep', '1000'], tty: true },
    { argv: ['/bin/sh', '-c', 'echo out; exit 3'] },
    { argv: ['/bin/sleep', '1000'], network: 'routed' },
    { argv: ['/no/such/program'] },
    { argv: ['/bin/sleep', '1000'], guard: { line: '90%' }, limits: { [isV1 ? 'memory.limit_in_bytes' : 'memory.max']: '64M' } },
  ];
  return { name: `r${number % NAMES}`, ...kinds[number % kinds.length] };
}

const lines = (file: string) => readFileSync(file, 'utf8').split('\n').length;

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

function filesBelow(dir: string): number {
  return existsSync(dir) ? readdirSync(dir, { recursive: true }).length : 0;
}

/** All below a directory; others remove theirs meanwhile. */
function groupsBelow(dir: string): number {
  try {
    const below = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return below.reduce((sum, { name }) => sum + 1 + groupsBelow(join(dir, name)), 0);
  } catch {
    return 0;
  }
}

/** Directories of all hierarchies, which are watched each. */
function groupsOf({ layout, root }: Ground): { own: number; others: number } {
  const count = (group: string) => layout.hierarchies.reduce((sum, hierarchy) => sum + groupsBelow(layout.dir(hierarchy, group)), 0);
  const own = count(root);
  return { own, others: count('/') - own };
}

function watchesOf(pid: number): number {
  const infos = readdirSync(`/proc/${pid}/fdinfo`).map((fd) => {
    try {
      return readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8');
    } catch {
      return '';
    }
  });
  return infos.join('').match(/^inotify /gm)?.length ?? 0;
}

function countsOf(server: BenchServer, ground: Ground): Counts {
  const pid = server.agentPid;
  const state = join(server.folder, 'state');
  const ranges = join(state, 'host-ids.json');
  const groups = groupsOf(ground);
  return {
    mounts: lines(`/proc/${pid}/mountinfo`),
    links: readdirSync('/sys/class/net').length,
    addresses: spawnSync('ip', ['-o', 'addr'], { encoding: 'utf8' }).stdout.split('\n').length,
    routes: lines('/proc/net/route'),
    groups: groups.own,
    others: groups.others,
    processes: readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').length,
    files: filesBelow(join(state, 'launches')) + filesBelow(join(state, 'layers')) + filesBelow(join(server.folder, 'run')),
    'host ids': existsSync(ranges) ? Object.keys((JSON.parse(readFileSync(ranges, 'utf8')) as { ranges: object }).ranges).length : 0,
    descriptors: readdirSync(`/proc/${pid}/fd`).filter((fd) => linkOf(`/proc/${pid}/fd/${fd}`) !== '').length,
    watches: watchesOf(pid),
    MiB: Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]) / 1024,
  };
}

async function launchOne(server: BenchServer, ground: Ground, number: number): Promise<void> {
  const request = requestOf(number, ground.layout.ofController('memory')?.version === 1);
  const group = `${ground.root}/${request.name}`;
  try {
    await server.call('POST', '/launch', request);
  } catch (error) {
    if (!String(error).includes('no/such/program')) throw error;
    return;
  }
  if (number % 3 === 0) await server.call('POST', '/stop', { group, graceMs: 100 });
  await server.call('DELETE', `/groups${group}?kill=true`);
}

/** Each loop has names of its own: a name is launched again at once. */
async function launchMany(server: BenchServer, ground: Ground, count: number): Promise<void> {
  const loop = async (first: number) => {
    for (let number = first; number < count; number += AT_ONCE) await launchOne(server, ground, number);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, first) => loop(first)));
}

/** What is being removed is waited for. */
async function settled(server: BenchServer, ground: Ground, before: Counts | undefined): Promise<Counts> {
  for (let time = 0; ; time++) {
    await setTimeout(SETTLE_MS);
    const counts = countsOf(server, ground);
    if (time === SETTLE_TIMES || (before ? leftOf(before, counts).length === 0 : time > 4)) return counts;
  }
}

function leftOf(before: Counts, after: Counts): string[] {
  const grown = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
  const others = Math.max(0, grown('others')) * PER_GROUP;
  const slack: Counts = { others: Number.POSITIVE_INFINITY, MiB: MOST_MIB, descriptors: 2 + others, watches: others };
  return Object.keys(after).flatMap((name) => (grown(name) > (slack[name] ?? 0) ? [`${Math.ceil(grown(name))} ${name}`] : []));
}

export async function bench(ground: Ground): Promise<Figure[]> {
  // So that memory which is only not collected yet does not count.
  const server = await BenchServer.start(ground, { NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=2' });
  await launchMany(server, ground, WARM_UP);
  const before = await settled(server, ground, undefined);
  await launchMany(server, ground, LAUNCHES);
  const after = await settled(server, ground, before);
  const left = leftOf(before, after);
  const counted = Object.entries(after).map(([name, count]) => `${name} ${Math.round(before[name] ?? 0)} → ${Math.round(count)}`);
  return [
    {
      name: `left by ${LAUNCHES} launches`,
      cgdeck: left.length === 0 ? 'nothing' : left.join(', '),
      comparedWith: counted.join(', '),
      target: `nothing, and less than ${MOST_MIB} MiB`,
      met: left.length === 0,
    },
  ];
}
