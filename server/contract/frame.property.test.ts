// Any frames through their bytes: whoever has applied them has what the sender has.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Change } from './columns.ts';
import { testFrame } from './fixtures/test-frame.ts';
import { decodeFrame, encodeFrame, type Frame, type GroupEntry } from './frame.ts';
import { GroupMirror } from './mirror.ts';

const KEYS = ['memory.current', 'memory.stat:anon', 'memory.max', 'cpuset.cpus', 'cpu.pressure:some.avg10', 'net.rx_bytes'];

/** Zero has no sign in the kernel's files. */
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.nat({ max: 2 ** 20 }).map((pages) => pages * 4096),
  fc.nat({ max: 100_000 }).map((hundredths) => hundredths / 100),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.oneof(
  number.map((one) => (one === 0 ? 0 : one)),
  fc.constantFrom('max', null),
  fc.string(),
);
const gid = fc.nat({ max: 12 });
const change: fc.Arbitrary<Change> = fc.tuple(gid, fc.constantFrom(...KEYS), value);
const entry = (id: number): GroupEntry => ({ gid: id, path: `/g${id}`, inode: id, managed: false, self: false, controllers: ['memory'] });
const frames = fc.array(fc.record({ changes: fc.array(change), groups: fc.array(gid.map(entry)), removed: fc.array(gid) }), {
  minLength: 1,
  maxLength: 8,
});

const stateOf = (mirror: GroupMirror) => [...mirror.groups.values()].map(({ entry: { path }, readings }) => ({ path, readings }));

test('decoded, frames make the state that they make as they are; a full frame of it makes the same again', () => {
  fc.assert(
    fc.property(frames, (parts) => {
      const [sender, receiver, late] = [new GroupMirror(), new GroupMirror(), new GroupMirror()];
      for (const [i, part] of parts.entries()) {
        const frame: Frame = testFrame({ seq: i + 1, full: i === 0, ...part });
        expect(sender.apply(frame)).toBe(true);
        expect(receiver.apply(decodeFrame(encodeFrame(frame)))).toBe(true);
      }
      expect(stateOf(receiver)).toEqual(stateOf(sender));
      const full = sender.full();
      expect(full && late.apply(decodeFrame(encodeFrame(full)))).toBe(true);
      expect(stateOf(late)).toEqual(stateOf(sender));
    }),
  );
});

test('any bytes are a frame or an error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => decodeFrame(bytes)).toThrow();
    }),
  );
});
