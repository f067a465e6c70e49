// The mirror: frames applied in order, gaps recognised, and a full frame made of it that has the same.
import { describe, expect, test } from 'vitest';
import { testFrame } from './fixtures/test-frame.ts';
import type { GroupEntry } from './frame.ts';
import { GroupMirror } from './mirror.ts';

function group(gid: number, path: string, change: Partial<GroupEntry> = {}): GroupEntry {
  return { gid, path, inode: gid * 10, managed: true, self: false, controllers: ['memory'], ...change };
}

function mirrorOf(...groups: GroupEntry[]): GroupMirror {
  const mirror = new GroupMirror();
  mirror.apply(testFrame({ full: true, seq: 5, groups, changes: groups.map(({ gid }) => [gid, 'usage', gid]) }));
  return mirror;
}

describe('the order of frames', () => {
  test.each([
    ['the next', { seq: 6 }, true],
    ['the same again', { seq: 5 }, false],
    ['one left out', { seq: 7 }, false],
    ['an older one', { seq: 4 }, false],
    ['another agent’s', { seq: 6, epoch: 'second' }, false],
    ['a full one after a gap', { seq: 70, full: true }, true],
    ['a full one of another agent', { seq: 1, full: true, epoch: 'second' }, true],
  ])('%s', (_, change, follows) => {
    const mirror = mirrorOf(group(1, '/a'));
    expect(mirror.apply(testFrame(change))).toBe(follows);
  });

  test('before the first full frame no frame is applied', () => {
    const mirror = new GroupMirror();
    expect(mirror.apply(testFrame({ groups: [group(1, '/a')] }))).toBe(false);
    expect(mirror.byPath('/a')).toBeUndefined();
    expect(mirror.full()).toBeUndefined();
  });

  test('a frame after a gap changes nothing', () => {
    const mirror = mirrorOf(group(1, '/a'));
    mirror.apply(testFrame({ seq: 7, removed: [1], groups: [group(2, '/b')], changes: [[1, 'usage', 99]] }));
    expect([...mirror.groups.keys()]).toEqual([1]);
    expect(mirror.byPath('/a')?.readings).toEqual({ usage: 1 });
    expect(mirror.head?.seq).toBe(5);
  });
});

describe('groups', () => {
  test('a full frame replaces all state', () => {
    const mirror = mirrorOf(group(1, '/a'), group(2, '/b'));
    mirror.apply(testFrame({ full: true, seq: 9, groups: [group(3, '/c')] }));
    expect(mirror.byPath('/a')).toBeUndefined();
    expect([...mirror.groups.keys()]).toEqual([3]);
  });

  test('a group removed and recreated in one frame has none of the old readings', () => {
    const mirror = mirrorOf(group(1, '/a'));
    mirror.apply(testFrame({ seq: 6, removed: [1], groups: [group(2, '/a')], changes: [[2, 'limit', 7]] }));
    expect(mirror.byPath('/a')).toMatchObject({ entry: { gid: 2, inode: 20 }, readings: { limit: 7 } });
    expect(mirror.groups.has(1)).toBe(false);
  });

  test('a new entry of a known group keeps its readings', () => {
    const mirror = mirrorOf(group(1, '/a'));
    mirror.apply(testFrame({ seq: 6, groups: [group(1, '/a', { controllers: ['memory', 'pids'] })] }));
    expect(mirror.byPath('/a')).toMatchObject({ entry: { controllers: ['memory', 'pids'] }, readings: { usage: 1 } });
  });

  test('changes of a removed or unknown group are ignored', () => {
    const mirror = mirrorOf(group(1, '/a'));
    expect(
      mirror.apply(
        testFrame({
          seq: 6,
          removed: [1, 77],
          changes: [
            [1, 'usage', 2],
            [78, 'usage', 3],
          ],
        }),
      ),
    ).toBe(true);
    expect(mirror.groups.size).toBe(0);
  });
});

test('a removed reading is absent, not zero', () => {
  const mirror = mirrorOf(group(1, '/a'));
  mirror.apply(
    testFrame({
      seq: 6,
      monoMs: 99,
      changes: [
        [1, 'usage', null],
        [1, 'limit', 'max'],
      ],
    }),
  );
  expect(mirror.byPath('/a')).toMatchObject({ readings: { limit: 'max' }, changedMonoMs: 99 });
  expect(mirror.byPath('/a')?.readings).not.toHaveProperty('usage');
});

test('the full frame for a new client makes the same mirror', () => {
  const mirror = mirrorOf(group(1, '/a'), group(2, '/b'));
  mirror.apply(
    testFrame({
      seq: 6,
      removed: [1],
      groups: [group(3, '/a')],
      changes: [
        [3, 'state', 'FROZEN'],
        [2, 'usage', 'max'],
      ],
    }),
  );
  const late = new GroupMirror();
  const full = mirror.full();
  expect(full && late.apply(full)).toBe(true);
  expect([...late.groups].map(([gid, { entry, readings }]) => [gid, entry, readings])).toEqual(
    [...mirror.groups].map(([gid, { entry, readings }]) => [gid, entry, readings]),
  );
  expect(late.apply(testFrame({ seq: 7, changes: [[2, 'usage', 4]] }))).toBe(true);
});
