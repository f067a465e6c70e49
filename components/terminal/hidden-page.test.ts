// Output on a hidden page: acknowledged as it arrives, bounded, and its end shown when the page is visible again.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControlledTerminal } from './fixtures/controlled-terminal.ts';

let terminal: ControlledTerminal;

beforeEach(() => {
  terminal = new ControlledTerminal();
  terminal.begin();
  terminal.socket().receive({ type: 'live' });
});
afterEach(() => terminal.end());

const KIB = 1024;
const acked = () =>
  terminal.socket().sent.reduce((sum, text) => {
    const message = JSON.parse(String(text)) as { bytes?: number };
    return sum + (message.bytes ?? 0);
  }, 0);
const hide = (hidden: boolean) => {
  terminal.isHidden = hidden;
  terminal.connection.visibilityChanged();
};

test('output is acked as it arrives, also what the screen had not shown when it was hidden, and nothing twice', () => {
  terminal.socket().output(10);
  expect(acked()).toBe(0);
  hide(true);
  expect(acked()).toBe(10);
  terminal.socket().output(20);
  expect(acked()).toBe(30);
  for (const { shown } of terminal.output) shown();
  hide(false);
  expect(acked()).toBe(30);
  terminal.socket().output(5);
  expect(acked()).toBe(30);
  terminal.output[2]?.shown();
  expect(acked()).toBe(35);
  expect([terminal.resets, terminal.output.map(({ isOld }) => isOld)]).toEqual([0, [false, false, false]]);
});

test('a flood is bounded, and the last of it is shown when the page is visible again', () => {
  hide(true);
  for (let i = 0; i < 1000; i++) terminal.socket().output(64 * KIB);
  expect(acked()).toBe(1000 * 64 * KIB);
  const count = terminal.output.length;
  expect(count * 64 * KIB).toBeLessThanOrEqual(1024 * KIB);
  hide(false);
  expect(terminal.resets).toBe(1);
  const late = terminal.output.slice(count);
  expect(late.map(({ isOld }) => isOld)).toEqual(late.map(() => true));
  expect(late.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(256 * KIB);

  for (const { shown } of terminal.output) shown();
  terminal.socket().output(7);
  expect(acked()).toBe(1000 * 64 * KIB);
  expect(terminal.output.at(-1)?.isOld).toBe(false);
  terminal.output.at(-1)?.shown();
  expect(acked()).toBe(1000 * 64 * KIB + 7);
});

test.each([
  ['the program ends', () => terminal.socket().receive({ type: 'end' })],
  ['the connection is lost', () => terminal.close(1006)],
])('%s after a flood: the screen is its last', (_what, end) => {
  hide(true);
  for (let i = 0; i < 100; i++) terminal.socket().output(64 * KIB);
  const count = terminal.output.length;
  end();
  expect([terminal.resets, terminal.output.length - count]).toEqual([1, 4]);
  hide(false);
  expect([terminal.resets, terminal.output.length - count]).toEqual([1, 4]);
});
