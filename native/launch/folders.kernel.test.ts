// A layer over the host's view takes what its program writes anywhere, and opens to it no file or folder that is closed to other users.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asNobody, everyNamespace, OUTSIDE_ID, sandbox, sh } from './fixtures/records.ts';

const asUser = [...everyNamespace.filter((kind) => kind !== 'ns=user'), ...asNobody];

/** A folder of the host, on the file system of its root, that only root may enter, and one open to all. */
let host = '';
beforeAll(() => {
  host = mkdtempSync('/srv/cgdeck-test-folders-');
  for (const [name, mode] of [
    ['open', 0o755],
    ['listed', 0o754],
    ['entered', 0o711],
    ['closed', 0o700],
  ] as const) {
    mkdirSync(`${host}/${name}`);
    chmodSync(`${host}/${name}`, mode);
    writeFileSync(`${host}/${name}/secret`, 'known to root alone\n', { mode: name === 'open' ? 0o640 : 0o644 });
    writeFileSync(`${host}/${name}/plain`, 'plain\n', { mode: 0o644 });
  }
  chmodSync(host, 0o755);
  mkdirSync(`${host}/open/sub`);
});
afterAll(() => rmSync(host, { recursive: true, force: true }));

describe.each(builds)('a layer over the host made by the launcher $name', (build) => {
  const bench = benchFor(build);
  let made = 0;

  function layer(): string {
    const dir = bench.path(`layer-${build.target}-${++made}`);
    for (const name of ['upper', 'work']) mkdirSync(`${dir}/${name}`, { recursive: true });
    return dir;
  }

  test.each([
    ['in a user namespace', sandbox, OUTSIDE_ID],
    ['as the user nobody', asUser, 65534],
  ])('takes what is written to folders of the host, and only that, %s', async (_how, ids, id) => {
    const above = layer();
    if (ids === asUser) for (const dir of [above, `${above}/upper`]) chownSync(dir, 65534, 65534);
    const name = `cgdeck-test-${process.pid}`;
    const script = [
      `for dir in /etc /usr/bin /usr/local/lib /var/lib /opt; do echo mine > $dir/${name} && cat $dir/${name}; done`,
      `cp /etc/passwd /etc/passwd.new && mv /etc/passwd.new /etc/passwd && echo x:x:1:1::/:/bin/sh >> /etc/passwd && tail -n 1 /etc/passwd`,
      'mkdir /usr/share/new && echo a > /usr/share/new/a && rm -r /usr/share/new && echo removed',
    ].join('\n');
    const output = await bench.outputOf([...ids, 'view=host', `layer=${above}`, ...sh(script)]);
    expect(output).toBe(`${'mine\n'.repeat(5)}x:x:1:1::/:/bin/sh\nremoved\n`);
    for (const dir of ['/etc', '/usr/bin', '/opt']) expect(existsSync(`${dir}/${name}`)).toBe(false);
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain('x:x:1:1');
    expect(readdirSync(`${above}/upper/etc`).sort()).toEqual([name, 'passwd']);
    expect(statSync(`${above}/upper/etc/${name}`).uid).toBe(id);
    // Nothing of the folders that were not written to.
    expect(readdirSync(`${above}/upper`).sort()).toEqual(['etc', 'opt', 'usr', 'var']);
  });

  test('is empty where nothing was written', async () => {
    const above = layer();
    await bench.outputOf([...sandbox, 'view=host', `layer=${above}`, ...sh('ls / /etc > /dev/null')]);
    expect(readdirSync(`${above}/upper`)).toEqual([]);
  });

  test.each([
    ['in a user namespace', sandbox],
    [
      'with all rights in it',
      [...sandbox, 'cap=CAP_DAC_OVERRIDE', 'cap=CAP_DAC_READ_SEARCH', 'cap=CAP_FOWNER', 'cap=CAP_CHOWN', 'cap=CAP_SYS_ADMIN'],
    ],
    ['as the user nobody', asUser],
  ])('shows no file that is closed to other users, wherever it is moved, %s', async (_how, ids) => {
    const above = layer();
    if (ids === asUser) for (const dir of [above, `${above}/upper`]) chownSync(dir, 65534, 65534);
    const script = [
      `cd ${host}`,
      'cat open/plain; cat open/secret; cat listed/secret; cat closed/secret; ls closed; ls listed/; cat /etc/shadow; ls /etc/ssl/private',
      'chmod 777 closed listed entered open/secret; chown 0 open/secret closed; cat open/secret closed/secret',
      'mv closed open/moved; cat open/moved/secret; mkdir own; mv open/secret own/s; cat own/s; ln open/secret own/l; cat own/l',
      'mv listed open/l2; cat open/l2/secret; setfacl -m u:0:rwx closed; cat closed/secret',
      'mv open other; cat other/secret; ls -la other/ closed',
      'cp -a closed own/; cat own/closed/secret; setfattr -n user.x -v y closed; getfattr -d -m - open',
      'echo end',
    ].join('\n');
    const launch = await bench.run([...ids, 'view=host', `layer=${above}`, ...sh(`{\n${script}\n} 2>&1`)]);
    expect(launch.output).toMatch(/^plain\n/);
    expect(launch.output).toMatch(/end\n$/);
    expect(launch.output).not.toContain('known to root');
    expect(launch.output).not.toMatch(/^root:[^:]*:\d/m);
    expect(readFileSync(`${host}/open/secret`, 'utf8')).toBe('known to root alone\n');
    expect(readdirSync(host).sort()).toEqual(['closed', 'entered', 'listed', 'open']);
  });

  test('has an empty home of root’s in place of the host’s, where that is closed', async () => {
    const above = layer();
    const script = 'ls -A /root; stat -c "%a %u" /root; git config --global user.name Ada; ls -A /root';
    const records = [...sandbox, 'view=host', `layer=${above}`, 'env=HOME=/root'];
    const closed = (statSync('/root').mode & 0o5) !== 0o5;
    const output = await bench.outputOf([...records, ...sh(script)]);
    if (closed) expect(output).toBe('700 0\n.gitconfig\n');
    expect(await bench.outputOf([...records, ...sh('git config --global user.name')])).toBe('Ada\n');
  });

  test('stays closed to whom a folder’s list shuts out', async () => {
    // user::rwx user:65534:--- group::r-x mask::r-x other::r-x (acl(5)), as setfacl writes it.
    const entries = [
      [1, 7, -1],
      [2, 0, 65534],
      [4, 5, -1],
      [16, 5, -1],
      [32, 5, -1],
    ];
    const list = Buffer.alloc(4 + entries.length * 8);
    list.writeUInt32LE(2);
    entries.forEach(([tag = 0, rights = 0, id = 0], i) => {
      list.writeUInt16LE(tag, 4 + i * 8);
      list.writeUInt16LE(rights, 6 + i * 8);
      list.writeInt32LE(id, 8 + i * 8);
    });
    mkdirSync(`${host}/list/in`, { recursive: true });
    const set = 'import os, sys; os.setxattr(sys.argv[1], "system.posix_acl_access", bytes.fromhex(sys.argv[2]))';
    execFileSync('python3', ['-c', set, `${host}/list`, list.toString('hex')]);
    const above = layer();
    for (const dir of [above, `${above}/upper`]) chownSync(dir, 65534, 65534);
    const launch = await bench.run([
      ...asUser,
      'view=host',
      `layer=${above}`,
      ...sh(`exec 2>&1; ls ${host}/list; stat -c %u ${host}/list; rm -r ${host}/list`),
    ]);
    rmSync(`${host}/list`, { recursive: true });
    expect(launch.output).toMatch(/Permission denied/);
    expect(launch.output).toMatch(/^0$/m);
  });

  test('gives its program each folder near the root', async () => {
    const above = layer();
    const script =
      'find /etc /usr/lib /var/lib -maxdepth 1 -type d -perm -5 ! -uid 0 2>/dev/null | head -n 5; find / -xdev -maxdepth 3 -type d -uid 0 2>/dev/null | wc -l';
    const output = (await bench.outputOf([...sandbox, 'view=host', `layer=${above}`, ...sh(script)])).trim().split('\n');
    expect(output).toHaveLength(1);
    expect(Number(output[0])).toBeGreaterThan(50);
  });
});
