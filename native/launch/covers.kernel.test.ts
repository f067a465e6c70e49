// What the host has covered with a mount does not appear in a layer over it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endProcess } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asNobody, asRoot, encode, everyNamespace, type Rec, sandbox, sh } from './fixtures/records.ts';

const noUser = everyNamespace.filter((kind) => kind !== 'ns=user');

describe.each(builds)('a layer by the launcher $name', (build) => {
  const bench = benchFor(build);
  /** A mount namespace that is the host's here, and a folder on its root's file system. */
  let host: ChildProcess;
  let folder = '';
  let made = 0;

  beforeEach(async () => {
    folder = mkdtempSync('/srv/cgdeck-test-covers-');
    for (const place of ['hid/in', 'a b/deep/hid', 'closed/hid', 'listed/one/two', 'proc', 'usr', 'bare'])
      mkdirSync(`${folder}/${place}`, { recursive: true });
    for (const place of ['hid', 'hid/in', 'a b/deep/hid', 'closed/hid', 'listed/one/two', 'bare'])
      writeFileSync(`${folder}/${place}/secret`, 'covered\n');
    writeFileSync(`${folder}/file`, 'covered\n');
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    chmodSync(folder, 0o711);
    chmodSync(`${folder}/closed`, 0o700);
    for (const name of ['bin', 'lib', 'lib64']) execFileSync('ln', ['-s', `usr/${name}`, `${folder}/${name}`]);
    host = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', 'echo ready; exec sleep 1000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(host.stdout as Readable, 'data');
    const script = [
      'cd "$1"; for dir in hid "a b/deep/hid" closed/hid listed/one/two listed/one; do mount -t tmpfs -o mode=700 none "$dir"; done',
      'mkdir hid/in; mount -t tmpfs none hid/in; mount --bind /dev/null file',
    ].join('\n');
    execFileSync('nsenter', [...enter(), 'sh', '-ec', script, 'sh', folder]);
  });
  afterEach(() => {
    endProcess(host.pid);
    rmSync(folder, { recursive: true, force: true });
  });

  const enter = () => [`--mount=/proc/${host.pid}/ns/mnt`];

  function layer(owner: number): string {
    const dir = bench.path(`layer-${++made}`);
    for (const name of ['', '/upper', '/work']) {
      mkdirSync(dir + name);
      chownSync(dir + name, owner, owner);
    }
    return dir;
  }

  async function outputOf(records: readonly Rec[]): Promise<string> {
    const dir = bench.outputDir();
    const launch = await bench.send(encode([`dir=${dir}`, ...records]), dir, ['nsenter', ...enter()]);
    expect(launch.failure).toBeUndefined();
    await launch.prints('end\n');
    return launch.output;
  }

  const script = (root: string) =>
    [
      `cd ${root}/ && cat file hid/secret hid/in/secret "a b/deep/hid/secret" closed/hid/secret listed/one/two/secret`,
      'ls -A hid "a b/deep/hid" listed/one; mv "a b" moved; cat moved/deep/hid/secret; rmdir hid; mkdir -p hid/in; cat hid/secret',
      'cat bare/secret; stat -c %a . closed; mkdir -p "a b/deep/hid/own" && echo own',
      'umount hid; cat hid/secret; echo end',
    ].join('\n');

  const all = [
    ['in a user namespace', sandbox, 0],
    ['with CAP_SYS_ADMIN in it', [...sandbox, 'cap=CAP_SYS_ADMIN'], 0],
    ['as the user nobody', [...noUser, ...asNobody], 65534],
    ['as root of the machine', [...noUser, ...asRoot], 0],
  ] as const;

  test.each(all)('over the host shows nothing that is covered, %s', async (_how, ids, owner) => {
    const output = await outputOf([...ids, 'view=host', `layer=${layer(owner)}`, ...sh(`exec 2>&1\n${script(folder)}`)]);
    // What is not covered is there, and the folders above are as open as they were.
    expect(output.match(/^covered$/gm)).toEqual(['covered']);
    expect(output).toMatch(/^711\n700$/m);
    expect(output).not.toMatch(/^two$/m);
    expect(output).toMatch(/^own$/m);
  });

  test.each(all)('over a directory root shows nothing that is covered, %s', async (_how, ids, owner) => {
    const above = layer(owner);
    chmodSync(folder, 0o755);
    const output = await outputOf([...ids, `rootfs=${folder}`, 'bind=/usr', `layer=${above}`, ...sh(`exec 2>&1\n${script('')}`)]);
    expect(output.match(/^covered$/gm)).toEqual(['covered']);
    expect(output).not.toMatch(/^two$/m);
  });

  test('takes a bind below a covered place', async () => {
    const bind = [`bind=${folder}/bare`, `bindto=${folder}/hid/bare`];
    const output = await outputOf([
      ...sandbox,
      'view=host',
      ...bind,
      `layer=${layer(0)}`,
      ...sh(`cat ${folder}/hid/bare/secret; echo end`),
    ]);
    expect(output).toBe('covered\nend\n');
  });
});
