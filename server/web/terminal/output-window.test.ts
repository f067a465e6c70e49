// The window of output: how much is sent, when the source is held, and what an ack makes of it.
import { expect, test } from 'vitest';
import { WINDOW_BYTES } from '../../contract/terminal.ts';
import { OutputWindow } from './output-window.ts';

function newWindow() {
  const sent: Uint8Array[] = [];
  const holds: boolean[] = [];
  const clock = { ms: 0 };
  const window = new OutputWindow({ send: (bytes) => sent.push(bytes), pause: (paused) => holds.push(paused), now: () => clock.ms });
  return { window, sent, holds, clock, sentBytes: () => sent.reduce((sum, { length }) => sum + length, 0) };
}

test('sends what fits, to the byte, and pauses the source', () => {
  const { window, holds, sentBytes } = newWindow();
  window.push(new Uint8Array(WINDOW_BYTES - 1));
  expect(holds).toEqual([]);
  window.push(new Uint8Array(3));
  expect(sentBytes()).toBe(WINDOW_BYTES);
  expect(holds).toEqual([true]);
  expect(window.isDrained).toBe(false);
});

test('an ack sends what waited first, and resumes the source only when there is room left', () => {
  const { window, sent, holds } = newWindow();
  window.push(new Uint8Array(WINDOW_BYTES));
  window.push(Uint8Array.of(1, 2));
  window.push(Uint8Array.of(3, 4));
  expect(window.ack(3)).toBe(true);
  expect(sent.slice(1)).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3)]);
  expect(holds).toEqual([true]);
  expect(window.ack(2)).toBe(true);
  expect(sent.slice(3)).toEqual([Uint8Array.of(4)]);
  expect(holds).toEqual([true, false]);
  expect(window.isDrained).toBe(true);
});

test('knows how long it has been full without an ack', () => {
  const { window, clock } = newWindow();
  window.push(new Uint8Array(WINDOW_BYTES - 1));
  clock.ms = 50_000;
  expect(window.stalledMs).toBe(0);
  window.push(new Uint8Array(2 * WINDOW_BYTES));
  clock.ms += 4000;
  expect(window.stalledMs).toBe(4000);
  window.ack(1);
  expect(window.stalledMs).toBe(0);
  clock.ms += 700;
  expect(window.stalledMs).toBe(700);
});

test('an ack of more than was sent does not count', () => {
  const { window } = newWindow();
  window.push(new Uint8Array(10));
  expect(window.ack(11)).toBe(false);
  expect(window.ack(10)).toBe(true);
  expect(window.ack(1)).toBe(false);
});
