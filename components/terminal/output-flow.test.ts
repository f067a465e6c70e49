// Output on its way to the screen, where the server begins another replay within one connection.
import { expect, test } from 'vitest';
import { OutputFlow } from './output-flow.ts';

const MIB = 1024 * 1024;

function newFlow() {
  const page = { hidden: false };
  const written: { text: string; isOld: boolean }[] = [];
  const shown: (() => void)[] = [];
  const acked: number[] = [];
  const flow = new OutputFlow({
    isHidden: () => page.hidden,
    ack: (bytes) => acked.push(bytes),
    output: (bytes, isOld, done) => {
      written.push({ text: Buffer.from(bytes.subarray(0, 20)).toString(), isOld });
      shown.push(done);
    },
    reset: () => written.push({ text: 'reset', isOld: true }),
  });
  return { flow, page, written, shown, ackedBytes: () => acked.reduce((sum, bytes) => sum + bytes, 0) };
}

test('a second replay is old output, whose questions get no answer', () => {
  const { flow, written } = newFlow();
  flow.begin();
  flow.push(Buffer.from('first replay'));
  flow.live();
  flow.push(Buffer.from('new'));
  flow.begin();
  flow.push(Buffer.from('second replay'));
  flow.live();
  flow.push(Buffer.from('newer'));
  expect(written.map(({ isOld }) => isOld)).toEqual([true, false, true, false]);
});

test('what a hidden page kept for later is left out if a replay follows, and all is acked once', () => {
  const { flow, page, written, shown, ackedBytes } = newFlow();
  page.hidden = true;
  for (let i = 0; i < 4; i++) flow.push(Buffer.alloc(MIB / 2));
  flow.begin();
  page.hidden = false;
  flow.visibilityChanged();
  flow.push(Buffer.from('replay'));
  for (const done of shown) done();
  expect(written.at(-1)).toEqual({ text: 'replay', isOld: true });
  expect(written.some(({ text }) => text === 'reset')).toBe(false);
  expect(ackedBytes()).toBe(2 * MIB + 'replay'.length);
});
