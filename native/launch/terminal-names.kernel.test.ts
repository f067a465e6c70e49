// A terminal has a name inside: programs find it by ttyname(3), and open further ones.
import { existsSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asNobody, everyNamespace, sandbox, sh } from './fixtures/records.ts';

const rootNamespaces = everyNamespace.filter((kind) => kind !== 'ns=user');

describe.each(builds)('a terminal of the launcher $name', (build) => {
  const bench = benchFor(build);

  test.each([
    ['in a user namespace', [...sandbox, 'view=host'], 0],
    ['with an init', [...sandbox, 'init=1', 'view=host'], 0],
    ['as the user nobody', [...rootNamespaces, ...asNobody, 'view=host'], 65534],
  ])('is /dev/pts/0 of its own devpts, %s', async (_how, records, id) => {
    const script = 'tty; stat -c "%u %a" $(tty); stty size; echo direct > /dev/tty; ls /dev/pts; stat -c %d $(tty)';
    const output = await bench.outputOf([...records, 'tty=1', 'winsize=100 30', ...sh(script)]);
    const [, device] = output.split(`/dev/pts/0\r\n${id} 600\r\n30 100\r\ndirect\r\n0  ptmx\r\n`);
    expect(Number(device)).toBeGreaterThan(0);
    expect(Number(device)).not.toBe(statSync('/dev/pts').dev);
  });

  test('is there beside those that programs open themselves', async () => {
    const script =
      'script -qec tty /dev/null; python3 -c "import os; m, s = os.openpty(); print(os.ttyname(s))" 2>/dev/null || /usr/bin/script -qec tty /dev/null';
    const output = await bench.outputOf([...sandbox, 'view=host', 'tty=1', ...sh(script)]);
    expect(output.match(/\/dev\/pts\/1/g)).toHaveLength(2);
  });

  test('of a program that joins is one of the same devpts', async () => {
    const first = await bench.start([...sandbox, 'view=host', 'tty=1', ...sh('tty; read line')]);
    await first.prints('/dev/pts/0');
    const join = [...everyNamespace, `join=${first.programPid}`, 'tty=1'];
    const output = await bench.outputOf([...join, ...sh('tty; echo x > $(tty); ls -l /proc/self/fd/0 | grep -o "/dev/.*"')]);
    expect(output).toBe('/dev/pts/1\r\nx\r\n/dev/pts/1\r\n');
  });

  test('is one of the host where the program that is joined has unmounted its own, and no file that it put there', async () => {
    const script = 'umount /dev/pts; mount -t tmpfs none /dev/pts; mkfifo /dev/pts/ptmx && echo done; read line < /tmp/never || sleep 1000';
    const first = await bench.start([...sandbox, 'view=host', 'cap=CAP_SYS_ADMIN', ...sh(script)]);
    await first.prints('done');
    const join = [...everyNamespace, `join=${first.programPid}`, 'tty=1'];
    expect(await bench.outputOf([...join, ...sh('[ -t 0 ] && echo terminal')])).toBe('terminal\r\n');
  });

  test('without mounts of its own is named as on the host', async () => {
    const output = await bench.outputOf([...asNobody, 'ns=pid', 'tty=1', ...sh('tty')]);
    expect(output).toMatch(/^\/dev\/pts\/\d+\r\n$/);
    expect(existsSync(output.trim())).toBe(false);
  });
});
