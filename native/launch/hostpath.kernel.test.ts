// How paths of the host are opened: without links, or as far as everybody may go.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Bench, builds } from './fixtures/launcher.ts';
import { args, sandbox, sh } from './fixtures/records.ts';

const [shipped] = builds;
const bench = new Bench(shipped);
const at = (path: string) => bench.path(path);
const host = [...sandbox, 'view=host'];

beforeAll(() => {
  bench.prepare();
  for (const path of ['open/inner', 'closed/inner', 'upper', 'work']) mkdirSync(at(path), { recursive: true });
  for (const path of ['open/inner', 'closed/inner']) writeFileSync(at(`${path}/file`), path, { mode: 0o644 });
  chmodSync(at('closed'), 0o700);
  symlinkSync('open', at('link'));
  symlinkSync(at('closed'), at('open/into'));
  symlinkSync('../link/inner/../inner', at('open/up'));
  symlinkSync('loop', at('loop'));
}, 120_000);
afterEach(() => bench.endAll());
afterAll(() => bench.remove());

async function failure(...records: string[]) {
  return (await bench.start([...host, ...records, ...args('/bin/true')])).failure;
}

const bound = (source: string, ...more: string[]) =>
  bench.outputOf([...host, `bind=${at(source)}`, 'bindto=/tmp/x', ...more, ...sh('cat /tmp/x/file /tmp/x 2>/dev/null; :')]);

test.each(['bind', 'scratch', 'layer', 'dir'])('%s is opened without following a link, in the middle or at the end', async (key) => {
  for (const path of ['link', 'link/inner']) {
    const launch = await (key === 'dir'
      ? bench.start([...host, ...args('/bin/true')], at(path))
      : bench.start([...host, `${key}=${at(path)}`, ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ errno: 'ELOOP', what: at(path) });
  }
});

test('where links are followed, each folder on the path must be open to all users', async () => {
  for (const links of ['bindlinks=always', 'bindlinks=if-any']) {
    for (const path of ['link/inner', 'open/up', 'link/up/file']) expect(await bound(path, links)).toBe('open/inner');
    for (const path of ['open/into/inner', 'link/into/inner/file']) {
      expect(await failure(`bind=${at(path)}`, 'bindto=/tmp/x', links)).toMatchObject({ step: 'trees', errno: 'EACCES', what: at(path) });
    }
    expect(await failure(`bind=${at('loop')}`, 'bindto=/tmp/x', links)).toMatchObject({ errno: 'ELOOP' });
    expect(await failure(`bind=${at('open/missing')}`, 'bindto=/tmp/x', links)).toMatchObject({ errno: 'ENOENT' });
    expect(await failure(`bind=${at('open/inner/file/x')}`, 'bindto=/tmp/x', links)).toMatchObject({ errno: 'ENOTDIR' });
  }
});

test('a closed folder is opened by its own path', async () => {
  for (const links of [[], ['bindlinks=if-any']]) expect(await bound('closed/inner/file', ...links)).toBe('closed/inner');
  expect(await failure(`bind=${at('closed/inner')}`, 'bindto=/tmp/x', 'bindlinks=always')).toMatchObject({ errno: 'EACCES' });
});

test('links of /proc lead where their text leads, and not to the open file', async () => {
  const holder = spawn('/bin/sleep', ['1000'], { cwd: at('closed/inner') });
  try {
    const path = `/proc/${holder.pid}/cwd/file`;
    expect(await failure(`bind=${path}`, 'bindto=/tmp/x', 'bindlinks=always')).toMatchObject({ errno: 'EACCES' });
    expect(await failure(`bind=${path}`, 'bindto=/tmp/x')).toMatchObject({ errno: 'ELOOP' });
  } finally {
    holder.kill('SIGKILL');
  }
});
