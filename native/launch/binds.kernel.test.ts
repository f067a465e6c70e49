// Binds and fresh file systems in any order and at any place: a folder comes before what is in it, one place has one bind, links stay inside.
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectRefused } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, sandbox, sh } from './fixtures/records.ts';

const view = [...sandbox, 'view=host'];

describe.each(builds)('binds of the launcher $name', (build) => {
  const bench = benchFor(build);
  let made = 0;

  function folder(...files: string[]): string {
    const path = bench.path(`folder-${build.target}-${++made}`);
    mkdirSync(path);
    chmodSync(path, 0o755);
    for (const file of files) writeFileSync(`${path}/${file}`, `${file}\n`);
    return path;
  }

  test('a child before its parent is seen as well', async () => {
    const [parent, child, deep] = [folder('parent'), folder('child'), folder('deep')];
    mkdirSync(`${parent}/in`);
    mkdirSync(`${child}/in`);
    const binds = [
      [deep, '/tmp//a/in/in'],
      [child, '/tmp/a/./in/'],
      [parent, '/tmp/a'],
      [folder('near'), '/tmp/a-b'],
    ];
    const records = binds.flatMap(([source, target]) => [`bind=${source}`, `bindto=${target}`]);
    const script = 'cat /tmp/a/parent /tmp/a/in/child /tmp/a/in/in/deep /tmp/a-b/near';
    expect(await bench.outputOf([...view, ...records, ...sh(script)])).toBe('parent\nchild\ndeep\nnear\n');
  });

  test('a bind at or above /var/tmp leaves it or takes its place', async () => {
    const [scratch, own, parent] = [folder('scratch'), folder('own'), folder('parent')];
    mkdirSync(`${parent}/tmp`);
    const records = [...view, `scratch=${scratch}`];
    expect(await bench.outputOf([...records, `bind=${parent}`, 'bindto=/var', ...sh('ls /var /var/tmp')])).toBe(
      '/var:\nparent\ntmp\n\n/var/tmp:\nscratch\n',
    );
    expect(await bench.outputOf([...records, `bind=${own}`, 'bindto=/var/tmp', ...sh('ls /var/tmp')])).toBe('own\n');
  });

  test.each(['/tmp/one', '//tmp/one', '/tmp/./one/'])('one target twice is refused with its name: %s', async (target) => {
    const records = ['bind=/etc', 'bindto=/tmp/one', 'bind=/usr', `bindto=${target}`];
    const launch = await expectRefused(await bench.start([...view, ...records, ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ step: 'request', message: 'the target of two binds', what: target });
  });

  /** A directory root whose programs come from the host's /usr. */
  function root(): string {
    const path = folder();
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, `${path}/${name}`);
    return path;
  }

  test('/tmp and /run of a directory root may be links inside of it', async () => {
    const path = root();
    mkdirSync(`${path}/var/run`, { recursive: true });
    mkdirSync(`${path}/private/tmp`, { recursive: true });
    symlinkSync('/var/run', `${path}/run`);
    symlinkSync('../../../private/tmp', `${path}/tmp`);
    const script =
      'echo a > /tmp/a; echo b > /run/b; cat /private/tmp/a /var/run/b; grep -c " \\(/var/run\\|/private/tmp\\) " /proc/self/mountinfo';
    expect(await bench.outputOf([...sandbox, `rootfs=${path}`, 'bind=/usr', ...sh(script)])).toBe('a\nb\n2\n');
  });

  test.each(['/', '.', '/proc/sys', '/sys/kernel', '/proc/self/cwd'])('but not to %s', async (link) => {
    const path = root();
    symlinkSync(link, `${path}/tmp`);
    const launch = await expectRefused(await bench.start([...sandbox, `rootfs=${path}`, 'bind=/usr', ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ step: 'view', what: '/tmp' });
  });
});
