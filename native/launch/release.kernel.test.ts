// A launch keeps no mount of the host: what the host unmounts is unmounted inside as well, and nothing that it mounts later appears there.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { endProcess, type Launch } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asNobody, encode, everyNamespace, type Rec, sandbox, sh } from './fixtures/records.ts';

const patience = { timeout: 60_000, interval: 5 };

describe.each(builds)('mounts of the host in a launch by the launcher $name', (build) => {
  const bench = benchFor(build);
  /** A mount namespace that is the host's here, and its folder, which no launch has new. */
  let host: ChildProcess;
  let folder = '';

  beforeEach(async () => {
    folder = mkdtempSync('/srv/cgdeck-test-release-');
    for (const name of ['one', 'two words', 'root']) mkdirSync(`${folder}/${name}`);
    for (const name of ['proc', 'sys', 'dev', 'tmp', 'run', 'usr', 'in']) mkdirSync(`${folder}/root/${name}`);
    execFileSync('chmod', ['-R', '755', folder]);
    for (const name of ['bin', 'lib', 'lib64']) execFileSync('ln', ['-s', `usr/${name}`, `${folder}/root/${name}`]);
    host = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', 'echo ready; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(host.stdout as Readable, 'data');
  });
  afterEach(() => {
    endProcess(host.pid);
    rmSync(folder, { recursive: true, force: true });
  });

  const enter = () => ['nsenter', `--mount=/proc/${host.pid}/ns/mnt`];
  function onHost(...argv: string[]): void {
    const [program = '', ...rest] = [...enter(), ...argv];
    execFileSync(program, rest);
  }

  function mount(place: string): void {
    onHost('mount', '-t', 'tmpfs', '-o', 'mode=755', 'cgdeck-test', `${folder}/${place}`);
    onHost('sh', '-c', 'mkdir "$1/in"; echo here > "$1/file"', 'sh', `${folder}/${place}`);
  }

  async function launch(records: readonly Rec[]): Promise<Launch> {
    const dir = bench.outputDir();
    return bench.send(encode([`dir=${dir}`, ...records]), dir, enter());
  }

  /** The places below the folder, or of a root that is there, with a mount. */
  const places = (launched: Launch, below = folder) =>
    readFileSync(`/proc/${launched.programPid}/mountinfo`, 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
      .filter((path) => path.startsWith(`${below}/`))
      .map((path) => path.slice(below.length + 1))
      .sort();

  const waits = (script: string) => sh(`${script}; echo ready; read line < /dev/zero || exec sleep 1000`);

  test.each([
    ['in a user namespace', sandbox],
    ['as the user nobody', [...everyNamespace.filter((kind) => kind !== 'ns=user'), ...asNobody]],
  ])('what the host unmounts is gone inside, with what is mounted in it, and the rest stays, %s', async (_how, ids) => {
    for (const place of ['one', 'one/in', 'two words']) mount(place);
    const running = await launch([...ids, 'view=host', ...waits(`cat ${folder}/one/file '${folder}/two words/file'`)]);
    await running.prints('here\nhere\nready');
    expect(places(running)).toEqual(['one', 'one/in', 'two\\040words']);
    onHost('umount', '-R', `${folder}/one`);
    await vi.waitFor(() => expect(places(running)).toEqual(['two\\040words']), patience);
    onHost('umount', `${folder}/two words`);
    await vi.waitFor(() => expect(places(running)).toEqual([]), patience);
  });

  test('a bind over the host’s mount at its own place goes, and so does what it covers', async () => {
    for (const place of ['one', 'one/in']) mount(place);
    const running = await launch([...sandbox, 'view=host', `bind=${folder}/one`, ...waits(`cat ${folder}/one/file`)]);
    await running.prints('here\nready');
    expect(places(running)).toEqual(['one', 'one', 'one/in', 'one/in']);
    onHost('umount', '-R', `${folder}/one`);
    await vi.waitFor(() => expect(places(running)).toEqual([]), patience);
  });

  test('what the host mounts later does not appear, also not at the same place', async () => {
    mount('one');
    const running = await launch([...sandbox, 'view=host', ...waits(':')]);
    await running.prints('ready');
    mount('two words');
    onHost('umount', `${folder}/one`);
    await vi.waitFor(() => expect(places(running)).toEqual([]), patience);
    mount('one');
    const join = [...everyNamespace, `join=${running.programPid}`];
    expect(await bench.outputOf([...join, ...sh(`ls ${folder}/one '${folder}/two words'`)])).toBe(
      `${folder}/one:\n\n${folder}/two words:\n`,
    );
    const mounts = readFileSync(`/proc/${running.programPid}/mountinfo`, 'utf8').split('\n');
    expect(mounts.filter((line) => / (shared|master):/.test(line))).toEqual([]);
  });

  test('a file that the program has open there can be read on', async () => {
    mount('one');
    const script = `exec 5< ${folder}/one/file; echo ready; until [ -e /tmp/go ]; do sleep 0.01; done; cat <&5; sleep 1000`;
    const running = await launch([...sandbox, 'view=host', ...sh(script)]);
    await running.prints('ready');
    onHost('umount', `${folder}/one`);
    await vi.waitFor(() => expect(places(running)).toEqual([]), patience);
    await bench.outputOf([...everyNamespace, `join=${running.programPid}`, ...sh(': > /tmp/go')]);
    await running.prints('here');
  });

  test('a directory root’s mounts go too; the root itself and a bind elsewhere stay', async () => {
    mount('root/in');
    mount('one');
    const records = [`rootfs=${folder}/root`, 'bind=/usr', `bind=${folder}/one`, 'bindto=/run/one'];
    const running = await launch([...sandbox, ...records, ...waits('cat /in/file /run/one/file')]);
    await running.prints('here\nhere\nready');
    onHost('umount', `${folder}/root/in`);
    onHost('umount', `${folder}/one`);
    await vi.waitFor(() => expect(places(running, '')).not.toContain('in'), patience);
    expect(places(running, '')).toContain('run/one');
    expect(places(running, '')).toContain('proc');
  });

  test('a program that mounts and moves there itself makes the monitor unmount nothing else', async () => {
    for (const place of ['one', 'two words']) mount(place);
    const script = [
      `mount -t tmpfs none ${folder}/one && mkdir ${folder}/one/own && mount --bind /proc/sys ${folder}/one/own`,
      `mount --move '${folder}/two words' /tmp && echo moved`,
    ].join('; ');
    const running = await launch([...sandbox, 'cap=CAP_SYS_ADMIN', 'view=host', ...waits(script)]);
    await running.prints('moved\nready');
    const masks = () =>
      readFileSync(`/proc/${running.programPid}/mountinfo`, 'utf8')
        .split('\n')
        .filter((line) => / \/(proc|sys|dev)\b/.test(line));
    const before = masks();
    onHost('umount', `${folder}/one`);
    onHost('umount', `${folder}/two words`);
    // The monitor has seen both once it releases one that is not disturbed.
    mount('root');
    const other = await launch([...sandbox, 'view=host', ...waits(':')]);
    await other.prints('ready');
    onHost('umount', `${folder}/root`);
    await vi.waitFor(() => expect(places(other)).toEqual([]), patience);
    expect(masks()).toEqual(before);
    expect(running.programPid).toBeGreaterThan(0);
    await bench.outputOf([...everyNamespace, `join=${running.programPid}`, ...sh('cat /proc/sys/kernel/hostname')]);
  });
});
