// What of the host a launch may have: root itself makes the folders that others may not enter.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { SharedFolders } from './shared-folders.ts';

let dir: string;
const at = (path: string) => join(dir, path);
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-share-'));
  chmodSync(dir, 0o755);
  for (const path of ['shared/root', 'open/inner', 'closed/inner']) mkdirSync(at(path), { recursive: true });
  chmodSync(at('closed'), 0o700);
  writeFileSync(at('closed/file'), 'x', { mode: 0o644 });
  symlinkSync(at('closed'), at('shared/out'));
  symlinkSync(at('shared/root'), at('into'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const request = (asked: object) => LaunchRequest.parse({ name: 'x', argv: ['x'], ...asked });
const refused = (part: string) => expect.objectContaining({ problem: expect.objectContaining({ code: 'protected', asked: part }) });

describe('with one folder shared', () => {
  const check = (asked: object) => () => new SharedFolders([at('shared')]).check(request(asked));

  test.each(['shared/root', 'shared', 'into', 'shared/missing', 'nowhere'])('%s may be a root', (path) => {
    expect(check({ rootfs: at(path) })).not.toThrow();
  });

  test.each(['', 'open', 'open/inner', 'closed', 'shared/out', 'shared/out/inner', 'shared/../open', '../..'])('%s may not', (path) => {
    expect(check({ rootfs: at(path) })).toThrow(refused('rootfs'));
  });

  test.each(['open', 'open/inner', 'shared/root', 'closed', 'nowhere'])(
    '%s may be bound: what its own mode closes stays closed',
    (path) => {
      expect(check({ binds: [{ source: at(path) }] })).not.toThrow();
    },
  );

  test.each(['closed/inner', 'closed/file', 'shared/out/file'])('%s may not: the way to it is closed', (path) => {
    expect(check({ binds: [{ source: '/usr' }, { source: at(path) }] })).toThrow(refused('binds'));
  });
});

test('a folder that is shared is entered whoever may', () => {
  expect(() =>
    new SharedFolders([at('closed')]).check(request({ rootfs: at('closed/inner'), binds: [{ source: at('closed/file') }] })),
  ).not.toThrow();
});

test('without any, no directory is a root', () => {
  expect(() => new SharedFolders([]).check(request({ rootfs: at('shared/root') }))).toThrow(/--share/);
});

test('the whole machine can be shared, if somebody wants that', () => {
  expect(() => new SharedFolders(['/']).check(request({ rootfs: '/' }))).not.toThrow();
});
