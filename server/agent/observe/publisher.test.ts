// Frames of many groups, and of groups that are removed during a tick.
import { beforeEach, expect, test } from 'vitest';
import { withChanges } from '../../contract/fixtures/test-frame.ts';
import { type Change, decodeFrame } from '../../contract/frame.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import { Publisher } from './publisher.ts';

const USAGE = 'memory.usage_in_bytes';
const TICK = { intervalMs: 1000, durationMs: 1, late: 0 };

let frames: ReturnType<typeof withChanges>[];
let paths: (string | undefined)[];
let reads: number;
let publisher: Publisher;

beforeEach(() => {
  frames = [];
  paths = [];
  reads = 0;
  publisher = new Publisher({
    host: 'test',
    epoch: 'test',
    // Counts how often its number is read, as a search would.
    entryOf: ({ gid, path, inode }) => ({
      get gid() {
        reads++;
        return gid;
      },
      path,
      inode,
      managed: true,
      self: false,
      controllers: [],
    }),
    causeOf: () => ({}),
    reporter: {
      ticked: (changes, pathOf) => {
        paths = changes.map(([gid]) => pathOf(gid));
      },
      report: () => {
        throw new Error('no group of these tests grows');
      },
    },
    forecastSec: 60,
  });
  publisher.onFrame((bytes) => frames.push(withChanges(decodeFrame(bytes))));
});

function group(gid: number, path = `/g${gid}`): Group {
  return { gid, path, inode: 100 + gid, in: new Map() };
}

test('the cost of a change in the first frame does not grow with the number of groups', () => {
  const groups = 1000;
  for (let gid = 1; gid <= groups; gid++) publisher.entered(group(gid));
  const changes = Array.from({ length: groups * 3 }, (_, i): Change => [1 + (i % groups), `key${i % 3}`, i]);
  publisher.publish(changes, TICK);
  expect(reads).toBeLessThan(20 * groups);
  expect(paths.slice(0, 2)).toEqual(['/g1', '/g2']);
  expect(frames[0]?.groups).toHaveLength(groups);
});

test('a new group inherits nothing from one of its name that was removed during the tick', () => {
  publisher.entered(group(1, '/a'));
  publisher.publish([[1, USAGE, 10]], TICK);
  publisher.removed(group(1, '/a'));
  publisher.entered(group(2, '/a'));
  publisher.publish([[1, USAGE, 20]], TICK);
  expect(frames[1]).toMatchObject({ full: false, removed: [1], changes: [] });
  expect(publisher.mirror.byPath('/a')).toMatchObject({ entry: { gid: 2 }, readings: {} });
  expect(publisher.history(2, {})).toEqual([]);
});

test('of a removed group, the last readings and the history are kept for its report; of thousands, those of the last', () => {
  const groups = 2000;
  for (let gid = 1; gid <= groups; gid++) publisher.entered(group(gid));
  publisher.publish(
    Array.from({ length: groups }, (_, at): Change => [at + 1, USAGE, at]),
    TICK,
  );
  for (let gid = 1; gid <= groups; gid++) publisher.removed(group(gid));
  expect(publisher.gone(`/g${groups}`)).toMatchObject({ gid: groups, readings: { [USAGE]: groups - 1 } });
  expect(publisher.history(groups, {})).toHaveLength(1);
  expect(publisher.gone('/g1')).toBeUndefined();
  expect(publisher.history(1, {})).toEqual([]);
});

test('what cgdeck wrote is in the next frame, and in the mirror at once', () => {
  publisher.entered(group(1));
  publisher.publish([[1, USAGE, 10]], TICK);
  publisher.known(group(1), [['memory.limit_in_bytes', 8192]]);
  publisher.known(group(1), [['memory.limit_in_bytes', 4096]]);
  expect(publisher.mirror.byPath('/g1')?.readings).toEqual({ [USAGE]: 10, 'memory.limit_in_bytes': 4096 });
  publisher.publish([[1, USAGE, 20]], TICK);
  expect(frames[1]?.changes).toEqual([
    [1, 'memory.limit_in_bytes', 4096],
    [1, USAGE, 20],
  ]);
  // No other program has changed it.
  expect(paths).toHaveLength(1);
  publisher.publish([], TICK);
  expect(frames[2]?.changes).toEqual([]);
});
