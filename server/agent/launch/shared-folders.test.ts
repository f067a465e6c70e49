// Which host directories a launch may use, by their paths.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LaunchRequest } from '../../contract/launch.ts';
import { SharedFolders, type SharedFoldersOptions } from './shared-folders.ts';

let dir: string;
const at = (path: string) => join(dir, path);
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'cgdeck-share-')));
  for (const path of ['real/img', 'state']) mkdirSync(at(path), { recursive: true });
  symlinkSync(at('real'), at('given'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const refused = (part: string) => expect.objectContaining({ problem: expect.objectContaining({ code: 'protected', asked: part }) });
const folders = (share: readonly string[], more: Partial<SharedFoldersOptions> = {}) =>
  new SharedFolders({ share: share.map(at), own: [at('state')], ...more });
const placed = (shared: SharedFolders, asked: object) => shared.place(LaunchRequest.parse({ name: 'x', argv: ['x'], ...asked }));

describe('with one folder shared', () => {
  const root = (path: string) => () => placed(folders(['shared']), { rootfs: at(path) }).rootfs;

  test.each(['shared/root', 'shared', 'shared/deep/../root', 'shared//root/'])('%s may be a root', (path) => {
    expect(root(path)()).toBe(at(path).replace('/deep/..', '').replace(/\/$/, ''));
  });

  test.each(['', 'nowhere', 'shared-not', 'shared/../open', '../..'])('%s may not', (path) => {
    expect(root(path)).toThrow(refused('rootfs'));
  });

  test('lets a bind outside follow links to what all users may open, and one inside a shared folder none', () => {
    const binds = [{ source: at('open') }, { source: at('shared/a'), target: '/a', writable: true }];
    expect(placed(folders(['shared']), { binds }).binds).toEqual([
      { source: at('open'), target: at('open'), writable: false, links: 'always' },
      { source: at('shared/a'), target: '/a', writable: true, links: 'if-any' },
    ]);
  });
});

test('resolves a shared folder that is a link at the start only', () => {
  const shared = folders(['given']);
  const roots = () => ['given/img', 'real/img'].map((path) => placed(shared, { rootfs: at(path) }).rootfs);
  expect(roots()).toEqual([at('real/img'), at('real/img')]);
  rmSync(at('given'));
  symlinkSync('/', at('given'));
  expect(roots()).toEqual([at('real/img'), at('real/img')]);
});

test('shares nothing by a link in a shared folder, which anyone who writes there could have made', () => {
  symlinkSync('/usr', at('real/out'));
  for (const share of [
    ['given', 'real/out'],
    ['real/out', 'real'],
  ]) {
    expect(() => placed(folders(share), { rootfs: '/usr/share' })).toThrow(refused('rootfs'));
    expect(placed(folders(share), { rootfs: at('real/out/x') }).rootfs).toBe(at('real/out/x'));
  }
});

test('permits no root directory without shared folders', () => {
  expect(() => placed(folders([]), { rootfs: at('real/img') })).toThrow(/--share/);
});

test('shares the whole machine with --share /, except cgdeck’s own files', () => {
  const shared = new SharedFolders({ share: ['/'], own: [at('state')] });
  expect(placed(shared, { rootfs: at('real/img') }).rootfs).toBe(at('real/img'));
  for (const path of ['state', 'state/launches', '']) expect(() => placed(shared, { rootfs: at(path) })).toThrow(refused('rootfs'));
});

describe('without root', () => {
  const bind = (source: string, more: object = {}) =>
    placed(folders(['real'], { unseen: [at('home')] }), { binds: [{ source: at(source), ...more }] }).binds[0];

  test('binds without links, and nothing in the user’s private folders', () => {
    expect(bind('open')).toEqual({ source: at('open'), target: at('open'), writable: false });
    for (const source of ['home', 'home/.ssh', '']) expect(() => bind(source)).toThrow(refused('binds'));
  });

  test('binds only shared folders as writable', () => {
    expect(bind('real/img', { writable: true })).toMatchObject({ source: at('real/img'), writable: true });
    expect(() => bind('open', { writable: true })).toThrow(refused('binds'));
  });

  test('refuses cgdeck’s own folders', () => {
    const shared = folders([''], { unseen: [] });
    expect(() => placed(shared, { binds: [{ source: at('state') }] })).toThrow(refused('binds'));
  });
});

test('a refusal does not recommend sharing the whole machine', () => {
  const refusal = (rootfs: string) => {
    try {
      new SharedFolders({ share: ['/srv'], own: [] }).place({ rootfs, binds: [] });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refusal('/etc')).toContain('/srv');
  expect(refusal('/etc')).not.toContain('--share');
  expect(refusal('/opt/images/web')).toContain("--share '/opt/images'");
});
