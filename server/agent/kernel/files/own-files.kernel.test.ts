// This machine's own control files: what cgdeck reads of a group is what find, cat and awk make of its files.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FileView } from '../../../contract/answers.ts';
import { type ControlFile, findControlFile } from '../../../contract/control-files.ts';
import { UNLIMITED_FROM } from '../../../contract/units.ts';
import { KernelGroups } from '../../fixtures/kernel-groups.ts';
import { ControlFileIo } from './control-file-io.ts';
import { controlFilesOf } from './group-files.ts';

let groups: KernelGroups;
let io: ControlFileIo;
let sleeper: ChildProcess;

beforeAll(async () => {
  groups = new KernelGroups('own-files');
  const { layout, root } = groups;
  const group = { gid: 1, path: root, inode: 1, in: new Map(layout.hierarchies.map((one) => [one, statSync(layout.dir(one, root)).ino])) };
  io = new ControlFileIo(layout, (path) => (path === root ? group : undefined));
  sleeper = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
  await new Promise((resolve) => sleeper.once('spawn', resolve));
  for (const one of layout.hierarchies) writeFileSync(`${layout.dir(one, root)}/cgroup.procs`, String(sleeper.pid));
});

afterAll(async () => {
  if (sleeper.exitCode === null) await new Promise((resolve) => sleeper.once('exit', resolve).kill('SIGKILL'));
  groups.remove();
});

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: 'utf8' });

/** "key=value" lines in the way of each format; a single value has no key. */
const AWK: Partial<Record<ControlFile['format'], string>> = {
  integer: 'NR == 1 { print "=" $1 }',
  'integer-or-max': 'NR == 1 { print "=" $1 }',
  'decimal-or-max': 'NR == 1 { print "=" $1 }',
  'quota-period': '{ print "quota=" $1; print "period=" $2 }',
  'flat-keyed': '{ print $1 "=" $2 }',
  'nested-keyed': '{ for (i = 2; i <= NF; i++) { split($i, p, "="); print $1 "." p[1] "=" p[2] } }',
  'per-cpu': '{ for (i = 1; i <= NF; i++) print i - 1 "=" $i }',
  lines: 'END { print "=" NR }',
  ranges: 'NR == 1 { print "=" $0 }',
  word: 'NR == 1 { print "=" $0 }',
};

/** As awk reads the file, with the kernel's numbers for no limit in words. */
function byAwk(file: ControlFile, path: string): Record<string, string | number> {
  const entries = run('awk', AWK[file.format] ?? '', path)
    .split('\n')
    .filter((line) => line !== '')
    .map((line): [string, string | number] => {
      const at = line.indexOf('=');
      const [key, text] = [line.slice(0, at), line.slice(at + 1)];
      const isNumber = /^-?[\d.]+$/.test(text) && file.format !== 'ranges' && file.format !== 'word';
      const isLimit = file.kind === 'limit' || key.endsWith('_limit');
      if (!isNumber) return [key, text];
      return [key, isLimit && (Number(text) >= UNLIMITED_FROM || text === '-1') ? 'max' : Number(text)];
    });
  return Object.fromEntries(entries);
}

const entriesOf = ({ value, entries }: FileView) => ({ ...entries, ...(value === undefined ? {} : { '': value }) });

test('the list of files is what find finds', () => {
  const { layout, root } = groups;
  const found = layout.hierarchies.flatMap((one) =>
    run('find', layout.dir(one, root), '-maxdepth', '1', '-type', 'f', '-printf', '%f\n').trim().split('\n'),
  );
  const listed = io.list(root).files;
  expect(listed.map(({ name }) => name).toSorted()).toEqual([...new Set(found)].toSorted());
  expect(listed.length).toBeGreaterThan(40);
});

test('each file’s text is what cat prints, and its values are what awk finds', async () => {
  const { layout, root } = groups;
  const group = io.group(root);
  let compared = 0;
  for (const { name, path, access, known } of controlFilesOf(layout, group)) {
    if (access === 'write') continue;
    // What changes between the two, as pressure does, is compared with the file before and after.
    const cat = () => run('cat', path).replace(/\n$/, '');
    const [before, view, after] = [cat(), await io.view(root, name), cat()];
    expect([before, after], path).toContain(view.raw);
    if (!known || AWK[known.format] === undefined || before !== after) continue;
    compared++;
    expect(entriesOf(view), path).toEqual(byAwk(known, path));
    expect(findControlFile(name, known.version)).toBe(known);
    expect(dirname(path)).toContain(root);
  }
  expect(compared).toBeGreaterThan(25);
});
