// What programs expect to write to: a home, /tmp and /dev/shm of a chosen size, all in memory that is their group's.
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { TestGroups } from './fixtures/groups.ts';
import { endProcess, expectRefused } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, everyNamespace, sandbox, sh } from './fixtures/records.ts';

const HOME = '/run/home';
const withHome = ['view=host', `home=${HOME}`, `env=HOME=${HOME}`];
const rootNamespaces = everyNamespace.filter((kind) => kind !== 'ns=user');

describe.each(builds)('what a program may write to with the launcher $name', (build) => {
  const bench = benchFor(build);

  test.each([
    ['in a user namespace', sandbox],
    ['as the user nobody', [...rootNamespaces, ...asNobody]],
  ])('a home is its own, takes programs, and is gone afterwards, %s', async (_how, ids) => {
    const script =
      'stat -c "%a %u %g" $HOME; id -u; git config --global user.name Ada && git config --global user.name; cp /bin/true $HOME/program && $HOME/program && echo ran';
    const output = await bench.outputOf([...ids, ...withHome, ...sh(script)]);
    const id = ids === sandbox ? 0 : 65534;
    expect(output).toBe(`700 ${id} ${id}\n${id}\nAda\nran\n`);
    expect(existsSync(HOME)).toBe(false);
  });

  test('a full home is an error of the program’s own write, and leaves /run and /tmp as they are', async () => {
    const script =
      'head -c 300M /dev/zero > $HOME/big; stat -c %s $HOME/big; git config --global user.name Ada || echo refused; rm $HOME/big; git config --global user.name Ada && echo ok; echo x > /run/x && echo y > /tmp/y && echo others';
    const launch = await bench.run([...sandbox, ...withHome, ...sh(script)]);
    expect(launch.output).toContain('No space left on device');
    expect(
      launch.chunks
        .filter(({ stream }) => stream === 1)
        .map(({ text }) => text)
        .join(''),
    ).toBe(`${256 << 20}\nrefused\nok\nothers\n`);
  });

  test('a bind over its place costs the home, not the launch', async () => {
    const empty = bench.outputDir();
    chmodSync(empty, 0o755);
    expect(await bench.outputOf([...sandbox, ...withHome, `bind=${empty}`, 'bindto=/run', ...sh('ls -A /run; echo ok')])).toBe('ok\n');
    expect(readdirSync(empty)).toEqual([]);
  });

  test('/tmp and /dev/shm have the sizes asked for', async () => {
    const script = 'df -B1 --output=size /tmp /dev/shm | tail -n 2 | tr -d " "; df --output=itotal /tmp /dev/shm | tail -n 2 | tr -d " "';
    expect(await bench.outputOf([...sandbox, 'view=host', ...sh(script)])).toBe(`${256 << 20}\n${64 << 20}\n65537\n16385\n`);
    const sizes = ['tmpsize=1048576', `shmsize=${2 ** 40}`];
    expect(await bench.outputOf([...sandbox, 'view=host', ...sizes, ...sh(script)])).toBe(`${1 << 20}\n${2 ** 40}\n257\n1048576\n`);
    for (const value of ['', '0', '4095', '-1', '64M', String(2 ** 47)]) {
      const refused = await bench.start([...sandbox, 'view=host', `tmpsize=${value}`, ...args('/bin/true')]);
      expect((await expectRefused(refused)).failure).toMatchObject({ step: 'request', message: expect.stringContaining('not a number') });
    }
  });

  test('what is written to a large /tmp or /dev/shm counts as the group’s memory', async () => {
    const groups = new TestGroups(`/cgdeck-test-tmp-${process.pid}`);
    try {
      const usage = () => Number(groups.read(groups.version === 1 ? 'memory.usage_in_bytes' : 'memory.current'));
      const records = [...groups.procs, ...sandbox, 'view=host', `tmpsize=${2 ** 40}`, 'shmsize=1073741824'];
      for (const place of ['/tmp', '/dev/shm']) {
        const launch = await bench.start([...records, ...sh(`head -c 32M /dev/zero > ${place}/big; echo done; exec sleep 1000`)]);
        await launch.prints('done');
        expect(usage()).toBeGreaterThan(32 << 20);
        endProcess(launch.programPid);
        await launch.ended;
        await groups.empty();
        await vi.waitFor(() => expect(usage()).toBeLessThan(32 << 20), { timeout: 60_000, interval: 5 });
      }
    } finally {
      await groups.remove();
    }
  });
});
