// What cannot be launched: each failure is named with its step and errno, ends with code 1, and leaves no process.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { expectRefused } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, encode, everyNamespace, maps, sandbox, sh } from './fixtures/records.ts';

describe.each(builds)('the launcher $name', { concurrent: true }, (build) => {
  const bench = benchFor(build, { concurrent: true });

  const script = (name: string, content: string, mode: number) => {
    const path = bench.path(`${name}-${build.target}`);
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  describe('reports why a program cannot be executed', () => {
    test('missing', async () => {
      const launch = await expectRefused(await bench.start([...sandbox, ...args('/no/such')]));
      expect(launch.failure).toEqual({ step: 'exec', errno: 'ENOENT', number: 2, message: 'No such file or directory', what: '/no/such' });
    });

    test('missing on PATH, or only in a directory that it may not search', async () => {
      const closed = bench.path(`closed-${build.target}`);
      mkdirSync(closed, { mode: 0o700 });
      for (const path of ['/usr/bin:/bin', `/usr/bin:${closed}`, '/usr/bin:/etc/passwd', '']) {
        const launch = await expectRefused(await bench.start([...sandbox, `env=PATH=${path}`, ...args('no-such-tool')]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno: 'ENOENT', what: 'no-such-tool' });
      }
    });

    test('not executable, by its path and on PATH', async () => {
      const path = script('text', '#!/bin/sh\n', 0o644);
      const name = path.slice(bench.folder.length + 1);
      for (const records of [args(path), [`env=PATH=/usr/bin:${bench.folder}:/bin`, ...args(name)]]) {
        const launch = await expectRefused(await bench.start([...sandbox, ...records]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno: 'EACCES', what: path });
      }
    });

    test('a directory, a file of unknown format, a script whose interpreter is missing', async () => {
      const odd = script('odd', 'echo never\n', 0o755);
      const orphan = script('orphan', '#!/no/such/interpreter\n', 0o755);
      const cases = [
        ['/etc', 'EACCES'],
        [odd, 'ENOEXEC'],
        [orphan, 'ENOENT'],
        [`${odd}/x`, 'ENOTDIR'],
      ] as const;
      for (const [path, errno] of cases) {
        const launch = await expectRefused(await bench.start([...sandbox, ...args(path)]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno, what: path });
      }
    });

    test('by what is missing or wrong in its first line, and by its processor', async () => {
      const elf = Buffer.alloc(64);
      elf.write('\x7fELF', 'latin1');
      elf.writeUInt8(1, 4);
      elf.writeUInt16LE(8, 18);
      const path = bench.path(`mips-${build.target}`);
      writeFileSync(path, elf);
      chmodSync(path, 0o755);
      const closed = script('closed-interpreter', 'x', 0o644);
      const cases = [
        [script('orphan-2', '#! /no/such/interpreter -x\n', 0o755), 'ENOENT', 'its interpreter "/no/such/interpreter" does not exist'],
        [script('crlf', '#!/bin/sh\r\nexit\r\n', 0o755), 'ENOENT', 'its first line ends in CR LF'],
        [script('closed-2', `#!${closed}\n`, 0o755), 'EACCES', `its interpreter "${closed}" may not be executed`],
        [script('plain', 'echo never\n', 0o755), 'ENOEXEC', 'a script needs a first line such as #!/bin/sh'],
        [path, 'ENOEXEC', 'a program of 32 bits for the processor family 8'],
      ] as const;
      for (const [what, errno, message] of cases) {
        const launch = await expectRefused(await bench.start([...sandbox, ...args(what)]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno, what, message: expect.stringContaining(message) });
      }
    });

    test('by which argument or variable is too long, or that all are', async () => {
      const word = 'x'.repeat(131_072);
      const cases = [
        [args('/bin/true', 'a', word), 'argument 2 has 131072 bytes, and the kernel takes at most 131071'],
        [[`env=A=${word.slice(2)}`, ...args('/bin/true')], 'variable 0 has 131072 bytes'],
        [args('/bin/true', ...Array.from({ length: 25 }, () => word.slice(1))), 'arguments and environment have 327'],
      ] as const;
      for (const [records, message] of cases) {
        const launch = await expectRefused(await bench.start([...sandbox, ...records]));
        expect(launch.failure).toMatchObject({ step: 'exec', errno: 'E2BIG', message: expect.stringContaining(message) });
      }
      expect((await bench.run([...sandbox, ...args('/bin/true', word.slice(1))])).exit).toMatchObject({ code: 0 });
    });

    test('an argument longer than the kernel takes', async () => {
      const launch = await expectRefused(await bench.start([...sandbox, ...args('/bin/true', 'x'.repeat(200_000))]));
      expect(launch.failure).toMatchObject({ step: 'exec', errno: 'E2BIG' });
    });
  });

  test.each([
    ['/no/such/dir', 'ENOENT'],
    ['/etc/passwd', 'ENOTDIR'],
    ['/proc/self/fd/3', 'ELOOP'],
  ])('reports that the working directory %s is %s', async (cwd, errno) => {
    const launch = await expectRefused(await bench.start([...sandbox, `cwd=${cwd}`, ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ step: 'cwd', errno, what: cwd });
  });

  test('enters no directory that the program may not enter itself', async () => {
    const closed = bench.path(`private-${build.target}`);
    mkdirSync(closed, { mode: 0o700 });
    for (const ids of [sandbox, asNobody]) {
      const launch = await expectRefused(await bench.start([...ids, `cwd=${closed}`, ...args('/bin/true')]));
      expect(launch.failure).toMatchObject({ step: 'cwd', errno: 'EACCES' });
    }
  });

  test('reports that the output directory is missing, or no directory', async () => {
    for (const [dir, errno] of [
      ['/no/such/dir', 'ENOENT'],
      ['/etc/passwd', 'ENOTDIR'],
    ]) {
      const launch = await bench.send(encode([`dir=${dir}`, ...sandbox, ...args('/bin/true')]));
      expect((await expectRefused(launch)).failure).toMatchObject({ step: 'output', errno, what: dir });
    }
  });

  test('leaves no terminal behind', async () => {
    const launch = await expectRefused(await bench.start([...asNobody, 'tty=1', ...args('/no/such')]));
    expect(launch.failure).toMatchObject({ step: 'exec', errno: 'ENOENT' });
    expect(readdirSync(launch.dir)).toEqual(['output']);
  });

  test('reports that the kernel refuses a mapping', async () => {
    const overlapping = [...maps, 'uidmap=5 300000 10'];
    const launch = await expectRefused(await bench.start([...everyNamespace, ...overlapping, ...args('/bin/true')]));
    expect(launch.failure).toMatchObject({ step: 'maps', errno: 'EINVAL', what: `/proc/${launch.pid}/uid_map` });
  });

  test('without its two descriptors prints what it needs', () => {
    const alone = spawnSync(bench.binary, { env: bench.env, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
    expect(alone.status).toBe(2);
    expect(alone.stderr).toContain('takes a request on descriptor 3');
  });

  test('counts a program that fails at once as launched, with its exit code in the record', async () => {
    const launch = await bench.run([...sandbox, ...sh('exit 1')]);
    expect(launch.failure).toBeUndefined();
    expect(launch.exit).toMatchObject({ code: 1 });
  });
});
