// One tick over 1,000 groups (200 in a test machine), from reading to the encoded frame, beside a C program that only reads the same files through held descriptors.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
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
const ROUNDS = 20;
/** C and cgdeck take turns, so that what else the machine does meets both. */
const TURNS = 5;
const DESCRIPTORS = 200_000;
const AT_MOST = 1.5;

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

function runBaseline(paths: readonly string[]): Baseline {
  const program = join(import.meta.dirname, 'build', 'tick');
  const { status, stdout, stderr } = spawnSync(program, [String(ROUNDS)], { input: `${paths.join('\n')}\n`, encoding: 'utf8' });
  if (status !== 0) throw new Error(`The C program ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Baseline;
}

export async function bench(ground: Ground): Promise<Figure[]> {
  for (let i = 0; i < GROUPS; i++) ground.make(`${ground.root}/g${i}`);
  const mirror = new GroupMirror();
  const sampler = new Sampler({
    layout: ground.layout,
    sources: new Sources(raiseDescriptors(DESCRIPTORS)),
    known: (gid) => mirror.groups.get(gid)?.readings,
    members: new Members(ground.layout),
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
    const started = performance.now();
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
      tick: { intervalMs: 1000, durationMs: performance.now() - started, late: 0 },
      groups,
      removed: [],
      columns: columnsOf(changes),
    };
    mirror.apply(frame);
    encodeFrame(frame);
    return performance.now() - started;
  };
  // The first tick reads everything for the first time, and the next ones warm the compiler up.
  for (let i = 0; i < ROUNDS; i++) await tick();

  const paths = [...tree.all()].flatMap((group) => changingFiles(ground, group));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    theirs.push(...runBaseline(paths).roundNs.map((ns) => ns / 1e6));
    for (let i = 0; i < ROUNDS; i++) ours.push(await tick());
  }
  for (const group of [...tree.all()]) sampler.remove(group);
  const [median, baseline] = [quantile(ours, 0.5), quantile(theirs, 0.5)];
  const ratio = median / baseline;
  return [
    {
      name: `one tick over ${GROUPS} groups (${paths.length} files)`,
      cgdeck: ms(median),
      comparedWith: `C, the same files: ${ms(baseline)}`,
      ratio: ratio.toFixed(2),
      target: `at most ${AT_MOST}`,
      met: ratio <= AT_MOST,
    },
  ];
}
