// Layers of launches on the real kernel, and the host ids that belong to them.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('kept');

const sh = (script: string) => ['/bin/sh', '-c', script];
const sleeps = sh('exec sleep 1000');

/** A process's user id on the host. */
const uidOf = (pid: number) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

describe('a layer', () => {
  test('gets what is written, is listed, kept, reused and removed; the root is unchanged', async () => {
    const rootfs = mkdtempSync(join(tmpdir(), 'cgdeck-rootfs-'));
    try {
      for (const dir of ['bin', 'lib', 'lib64', 'usr', 'etc']) mkdirSync(join(rootfs, dir));
      chmodSync(rootfs, 0o755);
      const binds = ['/bin', '/lib', '/lib64', '/usr'].filter((path) => existsSync(path)).map((source) => ({ source }));
      writeFileSync(join(rootfs, 'etc', 'old'), 'old');
      const first = { name: 'layer', rootfs, binds, overlay: {}, argv: sh('echo new > /made; echo at work; exec sleep 1000') };
      const { group } = await agent.call('launch', first);
      await agent.printed(group, 'at work');
      expect(await agent.call('layer', { group })).toMatchObject({
        files: expect.arrayContaining([{ path: '/made', change: 'written', bytes: 4 }]),
      });
      expect(await agent.refused('keepLayer', { group, name: 'one' })).toMatchObject({ code: 'conflict' });
      await agent.call('stop', { group, graceMs: 0 });
      expect(await agent.call('keepLayer', { group, name: 'one' })).toMatchObject({ name: 'one', usedBy: [] });
      expect(existsSync(join(rootfs, 'made'))).toBe(false);

      const second = await agent.call('launch', {
        ...first,
        overlay: { layer: 'one' },
        argv: sh('cat /made; echo more >> /made; exec sleep 1000'),
      });
      await agent.printed(second.group, 'new');
      expect((await agent.call('layers', {})).layers).toMatchObject([{ name: 'one', usedBy: [group] }]);
      expect(await agent.refused('launch', { ...first, name: 'other', overlay: { layer: 'one' } })).toMatchObject({ code: 'conflict' });
      expect(await agent.refused('dropLayer', { name: 'one' })).toMatchObject({ code: 'conflict' });
      await agent.call('removeGroup', { path: group, kill: true });
      await agent.event('remove', group);
      await agent.call('dropLayer', { name: 'one' });
      expect(await agent.refused('layer', { name: 'one' })).toMatchObject({ code: 'not_found' });
      expect(await agent.refused('launch', { ...first, overlay: { layer: 'one' } })).toMatchObject({ code: 'not_found' });
      expect(agent.kernel.where(group)).toEqual([]);
    } finally {
      rmSync(rootfs, { recursive: true });
    }
  });

  test('is in use while any process of its group runs', async () => {
    const daemon = 'trap "" TERM; setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo new > /new; exit 0';
    const { group } = await agent.call('launch', { name: 'daemon', argv: sh(daemon), namespaces: ['mnt'], overlay: {}, graceMs: 10 });
    expect(await agent.event('exit', group)).toMatchObject({ left: 1 });
    expect(agent.kernel.members(group).flat().length).toBeGreaterThan(0);
    expect(await agent.refused('keepLayer', { group, name: 'busy' })).toMatchObject({ code: 'conflict' });
    await agent.call('kill', { group });
    expect(await agent.call('keepLayer', { group, name: 'busy' })).toMatchObject({ name: 'busy' });
  });

  test('that a launch has left is kept when the product stops', async () => {
    const { group } = await agent.call('launch', { name: 'left', argv: sh('echo new > /new; exit 0'), overlay: {} });
    await agent.event('exit', group);
    await agent.end();
    await agent.begin();
    expect(await agent.call('layer', { group })).toMatchObject({ files: [{ path: '/new' }] });
    expect((await agent.call('group', { path: group })).launched).toMatchObject({ exit: { code: 0 } });
  });
});

describe('host ids', () => {
  test('of a kept layer go to no other launch', async () => {
    const first = { name: 'first', argv: sh('echo new > /new; exec sleep 1000'), overlay: {} };
    const { group, pid } = await agent.call('launch', first);
    const uid = uidOf(pid);
    await agent.call('stop', { group, graceMs: 0 });
    await agent.call('keepLayer', { group, name: 'kept' });
    await agent.call('removeGroup', { path: group, kill: true });
    await agent.end();
    await agent.begin();
    const other = await agent.call('launch', { name: 'other', argv: sleeps });
    const again = await agent.call('launch', { ...first, argv: sleeps, overlay: { layer: 'kept' } });
    expect(uidOf(again.pid)).toBe(uid);
    expect(uidOf(other.pid)).not.toBe(uid);
  });

  test('of a launch that has ended stay reserved while its layer can still be kept', async () => {
    const { group, pid } = await agent.call('launch', { name: 'ended', argv: sleeps, overlay: {} });
    const uid = uidOf(pid);
    await agent.call('stop', { group, graceMs: 0 });
    const other = await agent.call('launch', { name: 'other', argv: sleeps });
    expect(uidOf(other.pid)).not.toBe(uid);
  });
});
