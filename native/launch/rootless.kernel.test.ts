// A launcher that is not root: what it starts is the caller outside and root inside, with no more rights than he has, and can be joined.
import { chownSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Launch } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { encode, everyNamespace, type Rec, sh } from './fixtures/records.ts';

const ID = 65_534;
const GROUP = 4242;
const AS_USER = ['setpriv', `--reuid=${ID}`, `--regid=${ID}`, `--groups=${GROUP}`, '--no-new-privs'];
const spaces = everyNamespace.filter((record) => record !== 'ns=time');
const usual: readonly string[] = [...spaces, 'uidmap=0 0 1', 'gidmap=0 0 1', 'view=host', 'init=1'];

describe.each(builds)('the launcher $name, run by a user', (build) => {
  const bench = benchFor(build);

  function start(records: readonly Rec[]): Promise<Launch> {
    const dir = bench.outputDir();
    chownSync(dir, ID, ID);
    // One that has joined cannot go back to the machine's own pid namespace, in which the leak check's thread would have to be born.
    const isJoin = records.some((record) => String(record).startsWith('join='));
    const options = isJoin ? ['env', `ASAN_OPTIONS=${bench.env.ASAN_OPTIONS ?? ''}:detect_leaks=0`] : [];
    return bench.send(encode([`dir=${dir}`, ...records]), dir, [...AS_USER, ...options]);
  }

  async function outputOf(records: readonly Rec[]): Promise<string> {
    const launch = await start(records);
    expect(launch.failure).toBeUndefined();
    await launch.ended;
    return launch.output;
  }

  const statusOf = (pid: number, field: string) =>
    new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.trim();

  test('starts a program that is root inside and the user outside, without a capability', async () => {
    const launch = await start([...usual, ...sh('id -u; grep CapEff /proc/self/status; cat /proc/self/uid_map; exec sleep 1000')]);
    await launch.prints(' 1\n');
    expect(launch.output).toMatch(/^0\nCapEff:\t0{16}\n\s+0\s+0\s+1\n$/);
    expect(statusOf(launch.programPid, 'Uid')).toBe([ID, ID, ID, ID].join('\t'));
    // Without root no group can be dropped, as it may deny its members something.
    expect(statusOf(launch.programPid, 'Groups')).toBe(String(GROUP));
    expect(statusOf(launch.programPid, 'NoNewPrivs')).toBe('1');
  });

  test('shows it the host read-only, and what the user may not read stays closed', async () => {
    const output = await outputOf([
      ...usual,
      ...sh('touch /usr/x 2>&1; cat /etc/shadow 2>&1; mount -t tmpfs t /mnt 2>&1 || echo refused; ls /sys/class/net'),
    ]);
    expect(output).toMatch(/Read-only file system/);
    expect(output).toMatch(/shadow: Permission denied/);
    expect(output).toMatch(/refused/);
    expect(output.trimEnd().endsWith('\nlo')).toBe(true);
  });

  test('a second program joins the first, as the same and with no more', async () => {
    const first = await start([...usual, ...sh('exec sleep 1000')]);
    const joined = await outputOf([
      ...spaces,
      `join=${first.programPid}`,
      ...sh('id -u; cat /proc/2/comm; grep CapEff /proc/self/status; readlink /proc/self/ns/mnt'),
    ]);
    expect(joined).toMatch(/^0\nsleep\nCapEff:\t0{16}\nmnt:/);
    expect(joined).toContain(readlinkSync(`/proc/${first.programPid}/ns/mnt`));
  });

  test('has a home and a terminal with a name, as has a program that joins', async () => {
    const records = [...usual, 'home=/run/home', 'env=HOME=/run/home', 'tty=1', 'tmpsize=1048576'];
    const first = await start([
      ...records,
      ...sh('tty; git config --global user.name Ada; df -B1 --output=size /tmp | tail -n 1 | tr -d " "; exec sleep 1000'),
    ]);
    await first.prints('1048576\r\n');
    expect(first.output).toBe('/dev/pts/0\r\n1048576\r\n');
    const joined = await outputOf([
      ...[...spaces, `join=${first.programPid}`, 'env=HOME=/run/home', 'tty=1'],
      ...sh('tty; git config --global user.name'),
    ]);
    expect(joined).toBe('/dev/pts/1\r\nAda\r\n');
  });

  test('does not join a launch of another user', async () => {
    const theirs = await bench.start([
      ...spaces,
      'uidmap=0 100000 65536',
      'gidmap=0 100000 65536',
      'view=host',
      'init=1',
      ...sh('exec sleep 1000'),
    ]);
    const refused = await start([...spaces, `join=${theirs.programPid}`, ...sh('id')]);
    expect(refused.failure).toMatchObject({ step: 'rootless', what: 'join' });
  });

  test('ids that are not the user’s are refused', async () => {
    const refused = await start([...spaces, 'uidmap=0 100000 65536', 'gidmap=0 100000 65536', 'view=host', ...sh('id')]);
    expect(refused.failure).toMatchObject({ step: 'output', errno: 'EINVAL' });
  });
});
