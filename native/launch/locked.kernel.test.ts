// A program that may unmount does not uncover what the host has covered with mounts, nor the host's folders beneath its own file systems.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CoveringHost } from './fixtures/covering-host.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { encode, type Rec, sandbox, sh } from './fixtures/records.ts';

/** All that unmounts or copies mounts without those above: errors are what is hoped for. */
const ATTACK = [
  'all() { for place in "$@"; do n=0; while umount "$place" && [ $n -lt 9 ]; do n=$((n+1)); done; umount -l "$place"; done; }',
  'look() { cat "$1"/file "$1"/hid/secret "$1"/hid/in/secret "$1/a b/deep/hid/secret" "$1"/closed/hid/secret "$1"/listed/one/secret "$1"/listed/one/two/secret; }',
  'mkdir -p /run/copy /run/upper /run/work',
  'mount --bind / /run/copy && look /run/copy$F; umount /run/copy',
  'mount --bind $F /run/copy && look /run/copy; umount /run/copy',
  'mount --rbind / /run/copy && all /run/copy$F/hid/in /run/copy$F/hid /run/copy$F/file && look /run/copy$F; umount -l /run/copy',
  'mount -t overlay -o lowerdir=/,upperdir=/run/upper,workdir=/run/work none /run/copy && look /run/copy$F; umount /run/copy',
  'unshare -m sh -c "umount $F/hid/in; umount $F/hid; cat $F/hid/secret"',
  'unshare -Urm sh -c "umount $F/hid/in; umount $F/hid; cat $F/hid/secret"',
  // What is read-only stays so.
  'for place in / "$F" "$F/hid"; do mount -o remount,bind,rw "$place" && mount -o remount,rw "$place" && echo writable; done',
  'cd "$F"; all hid/in hid "a b/deep/hid" closed/hid listed/one/two listed/one file; look .',
].join('\n');

describe.each(builds)('a program with CAP_SYS_ADMIN by the launcher $name', (build) => {
  const bench = benchFor(build);
  const host = new CoveringHost();
  beforeEach(() => host.begin());
  afterEach(() => host.end());

  async function outputOf(records: readonly Rec[]): Promise<string> {
    const dir = bench.outputDir();
    const launch = await bench.send(encode([`dir=${dir}`, ...sandbox, 'cap=CAP_SYS_ADMIN', ...records]), dir, host.under);
    expect(launch.failure).toBeUndefined();
    await launch.prints('end\n');
    return launch.output;
  }

  const script = (folder: string) => sh(`exec 2>&1; F=${folder}\n${ATTACK}\ncat bare/secret; echo end`);

  test('in the view of the host', async () => {
    const output = await outputOf(['view=host', ...script(host.folder)]);
    expect(output.match(/^covered$/gm)).toEqual(['covered']);
    expect(output).not.toContain('writable\n');
  });

  test('in a directory root', async () => {
    const output = await outputOf([`rootfs=${host.folder}`, 'bind=/usr', ...script('')]);
    expect(output.match(/^covered$/gm)).toEqual(['covered']);
    expect(output).not.toContain('writable\n');
  });

  test('finds nothing of the host beneath its own file systems', async () => {
    host.run('mkdir -p /run/cgdeck-test-locked /tmp/cgdeck-test-locked; ls -d /run/cgdeck-test-locked /tmp/cgdeck-test-locked');
    try {
      const places = '/dev/pts /dev/shm /dev/mqueue /dev /sys/fs/cgroup /sys /tmp /run';
      const output = await outputOf([
        'view=host',
        ...sh(
          `exec 2>&1; for place in ${places} /proc; do while umount -l $place; do :; done; done; ls -A /tmp /run /dev /sys /proc; echo end`,
        ),
      ]);
      expect(output.slice(output.indexOf('/dev:\n'))).toBe('/dev:\n\n/proc:\n\n/run:\n\n/sys:\n\n/tmp:\nend\n');
    } finally {
      host.run('rmdir /run/cgdeck-test-locked /tmp/cgdeck-test-locked');
    }
  });
});
