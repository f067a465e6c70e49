// A launch is a place where programs work: a home, a named terminal, sizes, binds in any order, presets from a run folder without programs.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RunningAgent } from './fixtures/running-agent.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const sh = (script: string) => ['/bin/sh', '-c', script];

describe('a launch', () => {
  const agent = sharedAgent('places');

  test.each([
    ['the host’s root, read-only', {}],
    ['a layer over it', { overlay: {} }],
    ['no user namespace', { namespaces: ['pid', 'mnt', 'net'] }],
    ['a layer and no user namespace', { overlay: {}, namespaces: ['pid', 'mnt', 'net'] }],
  ] as const)('has a home that can be written to, as has a program that joins: %s', async (_what, change) => {
    const script = 'git config --global user.name Ada && git config --global user.name && [ $HOME != / ] && sleep 1000';
    const request = { name: 'home', argv: sh(script), ...change, namespaces: 'namespaces' in change ? [...change.namespaces] : undefined };
    const { group } = await agent.call('launch', request);
    await agent.printed(group, 'Ada');
    const { id } = await agent.call('join', { group, argv: sh('git config --global user.name; echo done') });
    await agent.printed(group, 'done', id);
    expect(await agent.output(group, id)).toBe('Ada\ndone\n');
  });

  test('gpg makes its folder and a key, python an environment', async () => {
    const script =
      'gpg --batch --passphrase "" --quick-gen-key ada default default 2>&1 && gpg --list-keys --with-colons 2>/dev/null | grep -c ^uid';
    expect((await agent.run({ name: 'gpg', argv: sh(script) })).text).toMatch(/\n1\n$/);
    const venv = await agent.run({
      name: 'venv',
      argv: sh('/usr/bin/python3 -m venv --without-pip $HOME/v && $HOME/v/bin/python3 -c "print(6 * 7)"'),
    });
    expect(venv).toMatchObject({ text: '42\n', code: 0 });
  });

  test('has a terminal with a name', async () => {
    const { group } = await agent.call('launch', { name: 'tty', argv: sh('tty; sleep 1000'), tty: true });
    await agent.printed(group, '/dev/pts/0');
    const { id } = await agent.call('join', { group, argv: sh('tty'), tty: true });
    await agent.printed(group, '/dev/pts/1', id);
  });

  test('has the sizes of /tmp and /dev/shm that were asked for', async () => {
    const script = 'df -B1M --output=size /tmp /dev/shm | tail -n 2';
    const { text } = await agent.run({ name: 'sizes', argv: sh(script), tmpSize: '1G', shmSize: 512 * 2 ** 20 });
    expect(text.trim().split(/\s+/)).toEqual(['1024', '512']);
    for (const tmpSize of ['lots', 'max', '0', 4095, '65T', -1])
      expect(await agent.refused('launch', { name: 'n', argv: ['/bin/true'], tmpSize }), String(tmpSize)).toMatchObject({
        code: 'invalid',
      });
    const own = await agent.refused('launch', { name: 'n', argv: ['/bin/true'], shmSize: '1G', namespaces: ['pid'] });
    expect(own).toMatchObject({ code: 'invalid', detail: expect.stringContaining('needs the namespace mnt') });
  });

  test('refuses one target twice, with its name, and takes a child before its parent', async () => {
    const twice = [{ source: '/etc' }, { source: '/usr', target: '//etc/.' }];
    expect(await agent.refused('launch', { name: 'n', argv: ['/bin/true'], binds: twice })).toMatchObject({
      code: 'invalid',
      detail: expect.stringContaining('have the target //etc/. twice'),
    });
    const nested = [
      { source: '/etc', target: '/tmp/usr/share' },
      { source: '/usr', target: '/tmp/usr' },
    ];
    expect(await agent.run({ name: 'nested', argv: ['/bin/cat', '/tmp/usr/share/hostname'], binds: nested })).toMatchObject({ code: 0 });
  });
});

test('the presets’ program runs from a run folder whose file system allows no programs', async () => {
  const folder = mkdtempSync('/srv/cgdeck-test-noexec-');
  chmodSync(folder, 0o755);
  const runDir = join(folder, 'run');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'noexec,nosuid,nodev,size=8m,mode=755', 'none', folder]);
  let agent: RunningAgent | undefined;
  try {
    agent = await RunningAgent.start('noexec', { runDir, stateDir: join(runDir, 'state') });
    for (const change of [{}, { overlay: {} }, { namespaces: ['mnt' as const] }]) {
      const { group } = await agent.call('launch', { name: 'leak', argv: ['cgdeck-load', 'leak', '1', '2'], ...change });
      expect(await agent.event('exit', group)).toMatchObject({ code: 0 });
      await agent.clear();
    }
  } finally {
    try {
      await agent?.clean();
    } finally {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    }
  }
});

test('what a root lacks is reported in the answer and in the record', async () => {
  const folder = mkdtempSync('/srv/cgdeck-test-bare-');
  let agent: RunningAgent | undefined;
  try {
    chmodSync(folder, 0o755);
    execFileSync('sh', ['-c', 'cd "$1"; mkdir usr etc; for name in bin lib lib64; do ln -s usr/$name $name; done', 'sh', folder]);
    agent = await RunningAgent.start('bare', { share: [folder] });
    const request = { name: 'bare', argv: ['/bin/sleep', '1000'], rootfs: folder, binds: [{ source: '/usr' }], network: 'none' as const };
    const { group, notes } = await agent.call('launch', request);
    // Where this file system or kernel cannot map ids, that is a note as well.
    expect(notes?.filter((note) => !note.includes('idmapped'))).toEqual([
      'no name servers: the root has no /etc/resolv.conf, and cannot be written to',
    ]);
    expect((await agent.call('group', { path: group }, 'viewer')).launched?.notes).toEqual(notes);
    const whole = await agent.call('launch', { name: 'whole', argv: ['/bin/sleep', '1000'] });
    expect(whole.notes).toBeUndefined();
  } finally {
    await agent?.clean();
    rmSync(folder, { recursive: true, force: true });
  }
});
