// One tick over 1,000 groups (200 in a test machine), each with a process, a tenth of them busy, from reading to the encoded frame, beside a C program that
// reads all their files through open descriptors.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { raiseDescriptors } from '../native/libc/process.ts';
import { type Group, GroupTree } from '../server/agent/kernel/hierarchy/group-tree.ts';
import { Sources } from '../server/agent/kernel/sources.ts';
import { Sampler } from '../server/agent/observe/sample/sampler.ts';
import { Members } from '../server/agent/observe/watch/members.ts';
import { columnsOf } from '../server/contract/columns.ts';
import { encodeFrame, type Frame } from '../server/contract/frame.ts';
import { GroupMirror } from '../server/contract/mirror.ts';
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';

const GROUPS = process.env.CGDECK_TEST_MACHINE === undefined ? 1_000 : 200;
const BUSY_PART = 0.1;
/** All groups have their turns in it. */
const ROUNDS = 10;
/** For the sampler's clock a second passes. In it, each busy process runs. */
const ROUND_MS = 250;
/** C and cgdeck take turns, so that what else the machine does meets both. */
const TURNS = 5;
const DESCRIPTORS = 200_000;
const AT_MOST = 0.35;

interface Baseline {
  readonly files: number;
  readonly bytes: number;
  readonly roundNs: readonly number[];
}

/** What the kernel changes by itself. */
function changingFiles({ layout }: Ground, group: Group): string[] {
  return [...layout.sampled(group.path, (hierarchy) => group.in.has(hierarchy))]
    .filter(({ file, path }) => !file.onlyWritten && file.format !== 'lines' && existsSync(path))
    .map(({ path }) => path);
}

/** A process in each group. */
async function inhabit(ground: Ground): Promise<void> {
  const lines = Array.from({ length: GROUPS }, (_, i) => {
    const files = ground.layout.hierarchies.map((hierarchy) => `${ground.layout.dir(hierarchy, `${ground.root}/g${i}`)}/cgroup.procs`);
    return `${i < GROUPS * BUSY_PART ? '' : 'idle '}${files.join(' ')}\n`;
  });
  const child = spawn(join(import.meta.dirname, 'build', 'busy'), { stdio: ['pipe', 'pipe', 'inherit'] });
  ground.onRemove(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  child.stdin.end(lines.join(''));
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  if (String(text) !== 'ready\n') throw new Error('The processes of the bench could not be started.');
}

function runBaseline(paths: readonly string[]): Baseline {
  const program = join(import.meta.dirname, 'build', 'tick');
  const { status, stdout, stderr } = spawnSync(program, [String(ROUNDS)], { input: `${paths.join('\n')}\n`, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The C program ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Baseline;
}

export async function bench(ground: Ground): Promise<Figure[]> {
  for (let i = 0; i < GROUPS; i++) ground.openCpuset(ground.make(`${ground.root}/g${i}`));
  await inhabit(ground);
  let nowMs = 0;
  const mirror = new GroupMirror();
  const sampler = new Sampler({
    layout: ground.layout,
    sources: new Sources(raiseDescriptors(DESCRIPTORS)),
    known: (gid) => mirror.groups.get(gid)?.readings,
    members: new Members(ground.layout),
    noticesTasks: () => true,
    nowMs: () => nowMs,
  });
  const unwatched = { watch: () => undefined, unwatch: () => undefined };
  const tree = new GroupTree(ground.layout, unwatched, {
    added: (group) => sampler.changed(group),
    changed: (group) => sampler.changed(group),
    removed: () => undefined,
  });
  for (const hierarchy of ground.layout.hierarchies) tree.appeared(hierarchy, ground.root);
  await tree.settled();

  let seq = 0;
  let isFirst = true;
  const tick = async (): Promise<number> => {
    nowMs += 1000;
    const { user, system } = process.cpuUsage();
    const changes = await sampler.read();
    const groups = isFirst
      ? [...tree.all()].map(({ gid, path, inode }) => ({ gid, path, inode, managed: true, self: false, controllers: [] }))
      : [];
    isFirst = false;
    const frame: Frame = {
      host: 'bench',
      epoch: 'bench',
      seq: ++seq,
      timeMs: Date.now(),
      monoMs: performance.now(),
      full: seq === 1,
      tick: { intervalMs: 1000, durationMs: 0, late: 0 },
      groups,
      removed: [],
      columns: columnsOf(changes),
    };
    mirror.apply(frame);
    encodeFrame(frame);
    const used = process.cpuUsage();
    return (used.user + used.system - user - system) / 1000;
  };
  // The first ticks read everything, and warm the compiler up.
  for (let i = 0; i < 3 * ROUNDS; i++) await tick();

  const paths = [...tree.all()].flatMap((group) => changingFiles(ground, group));
  const ours: number[] = [];
  const theirs: number[] = [];
  const before = sampler.reads;
  for (let turn = 0; turn < TURNS; turn++) {
    theirs.push(...runBaseline(paths).roundNs.map((ns) => ns / 1e6));
    let sum = 0;
    for (let i = 0; i < ROUNDS; i++) {
      await setTimeout(ROUND_MS);
      sum += await tick();
    }
    ours.push(sum / ROUNDS);
  }
  const reads = Math.round((sampler.reads - before) / (TURNS * ROUNDS));
  for (const group of [...tree.all()]) sampler.remove(group);
  const [median, baseline] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
  const ratio = median / baseline;
  return [
    {
      name: `one tick over ${GROUPS} groups with a process each, ${GROUPS * BUSY_PART} busy: ${reads} of ${paths.length} files`,
      cgdeck: ms(median),
      comparedWith: `C, all files through open descriptors: ${ms(baseline)} of the processor`,
      ratio: ratio.toFixed(2),
      target: `at most ${AT_MOST}`,
      met: ratio <= AT_MOST,
    },
  ];
}
