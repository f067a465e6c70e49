// What a person reads when the machine lacks something: one sentence, exit code 1, and nothing is built or started.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

const START = join(import.meta.dirname, 'start.mjs');
let folder;
let server;
let address;

beforeAll(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `127.0.0.1:${server.address().port}`;
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-start-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Every run names a port that is in use: should a check be missing, the run ends there and starts nothing. */
function start({ path = process.env.PATH, before = [], uid } = {}) {
  const [file, ...args] = [...before, process.execPath, START];
  const { status, stdout, stderr } = spawnSync(file, args, {
    env: { PATH: path, CGDECK_LISTEN: address },
    encoding: 'utf8',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  return { status, stdout, lines: stderr.trimEnd().split('\n') };
}

const refused = (sentence) => ({ status: 1, stdout: '', lines: [expect.stringContaining(sentence)] });

test('a port in use', () => {
  expect(start()).toEqual(refused(`Port ${address.split(':')[1]} on 127.0.0.1 is in use`));
});

test('a user who is not root', () => {
  expect(start({ uid: 65_534 })).toEqual(refused('needs root'));
});

test('no make', () => {
  expect(start({ path: folder })).toEqual(refused('make is missing'));
});

test('no C compiler', () => {
  symlinkSync('/usr/bin/make', join(folder, 'make'));
  expect(start({ path: folder })).toEqual(refused('A C compiler is missing'));
});

test('no control groups mounted', () => {
  // In a mount namespace of its own: this machine's mounts stay.
  const before = ['unshare', '--mount', 'sh', '-c', 'umount -R /sys/fs/cgroup && exec "$0" "$@"'];
  expect(start({ before })).toEqual(refused('No control groups are mounted'));
});
