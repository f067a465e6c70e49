// What the host has covered with a mount does not appear in a layer over it.
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CoveringHost } from './fixtures/covering-host.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asNobody, asRoot, encode, everyNamespace, type Rec, sandbox, sh } from './fixtures/records.ts';

const noUser = everyNamespace.filter((kind) => kind !== 'ns=user');

describe.each(builds)('a layer by the launcher $name', (build) => {
  const bench = benchFor(build);
  const host = new CoveringHost();
  let made = 0;
  beforeEach(() => host.begin());
  afterEach(() => host.end());

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
    const launch = await bench.send(encode([`dir=${dir}`, ...records]), dir, host.under);
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
    const output = await outputOf([...ids, 'view=host', `layer=${layer(owner)}`, ...sh(`exec 2>&1\n${script(host.folder)}`)]);
    // What is not covered is there, and the folders above are as open as they were.
    expect(output.match(/^covered$/gm)).toEqual(['covered']);
    expect(output).toMatch(/^711\n700$/m);
    expect(output).not.toMatch(/^two$/m);
    expect(output).toMatch(/^own$/m);
  });

  test.each(all)('over a directory root shows nothing that is covered, %s', async (_how, ids, owner) => {
    const above = layer(owner);
    chmodSync(host.folder, 0o755);
    const output = await outputOf([...ids, `rootfs=${host.folder}`, 'bind=/usr', `layer=${above}`, ...sh(`exec 2>&1\n${script('')}`)]);
    expect(output.match(/^covered$/gm)).toEqual(['covered']);
    expect(output).not.toMatch(/^two$/m);
  });

  test('takes a bind below a covered place', async () => {
    const bind = [`bind=${host.folder}/bare`, `bindto=${host.folder}/hid/bare`];
    const output = await outputOf([
      ...sandbox,
      'view=host',
      ...bind,
      `layer=${layer(0)}`,
      ...sh(`cat ${host.folder}/hid/bare/secret; echo end`),
    ]);
    expect(output).toBe('covered\nend\n');
  });
});
