// This machine's own files, as cgdeck reads them and as awk does from the same text.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { controlFiles } from '../contract/control-files.ts';
import { visibleMounts } from '../mountinfo.ts';
import { KernelGroups } from './fixtures/kernel-groups.ts';
import { readingKey, readingsOf } from './kernel/files/parse.ts';
import { parseProcess } from './kernel/files/process-files.ts';
import { coveredGroups, isAboveNamespace, nameOf, parseMountinfo, readMountinfo } from './kernel/hierarchy/mounts.ts';
import { groupsOfProcess, parseProcessGroups } from './kernel/hierarchy/process-groups.ts';
import { parseMeminfo, parseStat } from './observe/sample/host-sample.ts';

/** The lines that a program of awk prints, in its words. */
function awk(program: string, text: string): string[][] {
  return execFileSync('awk', [program], { input: text, encoding: 'utf8', maxBuffer: 2 ** 26 })
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
}

const pairs = (program: string, text: string) => awk(program, text).map(([key, value]) => [key, Number(value)]);

test('mountinfo: every hierarchy once, by its device, at one of its mount points', () => {
  const text = readMountinfo();
  const mounts = awk('{ for (at = 7; $at != "-"; at++); if ($(at + 1) ~ /^cgroup2?$/) print $3, $5 }', text);
  const hierarchies = parseMountinfo(text);
  expect(hierarchies).toHaveLength(new Set(mounts.map(([device]) => device)).size);
  const points = mounts.map(([, point]) => point);
  for (const { mountPoint } of hierarchies) expect(points).toContain(mountPoint);
  for (const hierarchy of hierarchies) expect(coveredGroups(hierarchy, visibleMounts(text)).size).toBe(0);
});

test('cgroup: the group of this process in every hierarchy', () => {
  const text = readFileSync('/proc/self/cgroup', 'utf8');
  const groups = groupsOfProcess('self');
  expect([...groups]).toEqual(
    awk(
      '{ name = path = $0; sub(/^[0-9]+:/, "", name); sub(/:.*/, "", name); sub(/^[^:]*:[^:]*:/, "", path); print (name == "" ? "unified" : name), path }',
      text,
    ),
  );
  for (const hierarchy of parseMountinfo(readMountinfo())) expect(groups.has(nameOf(hierarchy)), nameOf(hierarchy)).toBe(true);
});

test('mountinfo and cgroup inside a cgroup namespace: the mounts show what is above it', () => {
  const groups = new KernelGroups('namespace');
  try {
    const enter = groups.layout.hierarchies
      .map((hierarchy) => `echo $$ > ${groups.layout.dir(hierarchy, groups.root)}/cgroup.procs; `)
      .join('');
    const inside = (file: string) =>
      execFileSync('sh', ['-c', `${enter} exec unshare --cgroup cat /proc/self/${file}`], { encoding: 'latin1' });
    const hierarchies = parseMountinfo(inside('mountinfo'));
    const here = parseMountinfo(readMountinfo());
    expect(hierarchies.map(({ mountPoint }) => mountPoint)).toEqual(here.map(({ mountPoint }) => mountPoint));
    const shown = hierarchies.filter((hierarchy) => groups.layout.hierarchies.some((one) => nameOf(one) === nameOf(hierarchy)));
    for (const hierarchy of shown) expect(hierarchy.part, hierarchy.mountPoint).toBe('/..');
    expect(hierarchies.filter(isAboveNamespace).length).toBeGreaterThanOrEqual(shown.length);
    const inNamespace = parseProcessGroups(inside('cgroup'), () => false, new Map());
    for (const hierarchy of shown) expect(inNamespace.get(nameOf(hierarchy))).toBe('/');
  } finally {
    groups.remove();
  }
});

test('a zombie of a group of v2 that was removed was in that group', async () => {
  const groups = new KernelGroups('zombie');
  const { unified } = groups.layout;
  let parent: ChildProcess | undefined;
  try {
    if (!unified) return;
    const group = groups.make(`${groups.root}/z`, [unified]);
    // The child ends in the group; its parent, which is elsewhere, does not reap it.
    const enter = `echo $$ > ${groups.layout.dir(unified, group)}/cgroup.procs`;
    parent = spawn('sh', ['-c', `sh -c '${enter}; echo $$; exit' & exec sleep 1000`], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = await once(parent.stdout ?? process.stdin, 'data');
    const pid = Number(String(line));
    await vi.waitFor(() => expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^State:\tZ/m), 60_000);
    rmdirSync(groups.layout.dir(unified, group));
    expect(readFileSync(`/proc/${pid}/cgroup`, 'utf8')).toContain(`0::${group} (deleted)\n`);
    expect(groupsOfProcess(pid).get('unified')).toBe(group);
  } finally {
    parent?.kill('SIGKILL');
    groups.remove();
  }
});

test('meminfo and stat', () => {
  const meminfo = readFileSync('/proc/meminfo', 'utf8');
  expect([...parseMeminfo(meminfo)]).toEqual(
    pairs('/^(MemTotal|MemAvailable|SwapTotal|SwapFree):/ { sub(/:/, "", $1); printf "meminfo:%s %.0f\\n", $1, $2 * 1024 }', meminfo),
  );
  const stat = readFileSync('/proc/stat', 'utf8');
  expect([...parseStat(stat)]).toEqual(
    pairs(
      '/^cpu[0-9]/ { total = 0; for (at = 2; at <= 9; at++) total += $at; printf "stat:%s.busy %.0f\\nstat:%s.total %.0f\\n", $1, total - $5 - $6, $1, total }',
      stat,
    ),
  );
});

test('status and stat of every process', () => {
  let compared = 0;
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    let status: string;
    let stat: string;
    try {
      status = readFileSync(`/proc/${name}/status`, 'utf8');
      stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    } catch {
      continue; // It has ended.
    }
    // It ended between the two.
    if (/^Threads:\s0$/m.test(status)) continue;
    const [line] = awk(
      '/^PPid:/ { ppid = $2 } /^Uid:/ { uid = $2 } /^NSpid:/ { inside = $NF } /^Threads:/ { threads = $2 } /^VmRSS:/ { rss = $2 } END { print ppid, uid, inside, threads, rss * 1024 }',
      status,
    );
    const { ppid, uid, pidInside, threads, rssBytes, cpuMs } = parseProcess(Number(name), status, stat) ?? {};
    expect([ppid, uid, pidInside, threads, rssBytes]).toEqual(line?.map(Number));
    expect([[cpuMs]]).toEqual(awk('{ sub(/.*[)]/, ""); print ($12 + $13) * 10 }', stat).map((words) => words.map(Number)));
    compared++;
  }
  expect(compared).toBeGreaterThan(5);
});

/** Numbers with more digits are no doubles. */
const EXACT = /^-?\d{1,15}$/;
const PROGRAMS = {
  integer: '{ print "-", $1 }',
  'flat-keyed': 'NF == 2 { print $1, $2 }',
  'per-cpu': '{ for (at = 1; at <= NF; at++) print at - 1, $at }',
  lines: 'END { print "-", NR }',
} as const;

test('every control file of one number or of keys with numbers, in the root and in a group', () => {
  const groups = new KernelGroups('files');
  try {
    const compared = new Set<string>();
    for (const group of ['/', groups.root])
      for (const file of controlFiles) {
        const program = PROGRAMS[file.format as keyof typeof PROGRAMS];
        const place = groups.layout.place(group, file.name, () => true);
        if (!program || place?.file !== file) continue;
        let text: string;
        try {
          text = readFileSync(place.path, 'utf8');
        } catch {
          continue; // Not in this group, or only to be written.
        }
        const right = new Map(
          awk(program, text)
            .filter(([key = '', value = '']) => EXACT.test(value) && Number(value) >= 0 && (file.keys?.includes(key) ?? true))
            .map(([key = '', value]) => [readingKey(file, key === '-' ? '' : key), Number(value)]),
        );
        const readings = new Map(readingsOf(file, text));
        for (const [key, value] of right) expect(readings.get(key), `${group} ${key}`).toBe(value);
        if (right.size > 0) compared.add(file.name);
      }
    expect(compared.size).toBeGreaterThan(20);
  } finally {
    groups.remove();
  }
});
