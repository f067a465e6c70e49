// Who wants the same gets the same memory: nothing is encoded for one client alone.
import { expect, test } from 'vitest';
import { testFrame } from '../../contract/fixtures/test-frame.ts';
import { encodeFrame, summaryPart } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { outgoingState, outgoingTick, type Wanted } from './outgoing.ts';

const entry = (gid: number) => ({ gid, path: `/g${gid}`, inode: gid, managed: true, self: false, controllers: ['memory'] });
const wanted: readonly Wanted[] = [
  { form: 'json' },
  { form: 'all' },
  { form: 'summary' },
  { form: 'summary', detail: '/g1' },
  { form: 'summary', detail: '/g2' },
];

function machine() {
  const mirror = new GroupMirror();
  const frame = testFrame({
    full: true,
    groups: [entry(1), entry(2)],
    changes: [
      [1, 'memory.current', 4096],
      [1, 'memory.stat:anon', 4096],
      [2, 'memory.stat:anon', 8192],
    ],
  });
  mirror.apply(frame);
  return { mirror, frame, bytes: encodeFrame(frame) };
}

test.each(wanted)('%o', (one) => {
  const { mirror, frame, bytes } = machine();
  for (const outgoing of [outgoingTick(frame, bytes, mirror, () => undefined), outgoingState(mirror)]) {
    const parts = outgoing?.for({ ...one });
    expect(parts).toHaveLength(one.detail === undefined ? 1 : 2);
    for (const [i, part] of outgoing?.for({ ...one }).entries() ?? []) expect(part).toBe(parts?.[i]);
  }
});

test('of a tick, the agent’s bytes are not copied', () => {
  const { mirror, frame, bytes } = machine();
  const outgoing = outgoingTick(frame, bytes, mirror, () => undefined);
  expect(outgoing.for({ form: 'all' })[0]).toBe(bytes);
  const [summary] = outgoing.for({ form: 'summary', detail: '/g1' });
  expect(summary).toEqual(summaryPart(bytes));
  expect(summary instanceof Uint8Array && summary.buffer).toBe(bytes.buffer);
});
