// The window of output: how much is sent, when the source is held, and what an ack makes of it.
import { expect, test } from 'vitest';
import { WINDOW_BYTES } from '../../contract/terminal-bounds.ts';
import { OutputWindow } from './output-window.ts';

function newWindow() {
  const sent: Uint8Array[] = [];
  const holds: boolean[] = [];
  const caughtUp = { times: 0 };
  const window = new OutputWindow({
    send: (bytes) => sent.push(bytes),
    pause: (paused) => holds.push(paused),
    caughtUp: () => caughtUp.times++,
  });
  return { window, sent, holds, caughtUp, sentBytes: () => sent.reduce((sum, { length }) => sum + length, 0) };
}

const FULL = new Uint8Array(WINDOW_BYTES);
const SLOW = 1024 * 1024;

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

test('a client that acks little for half a second misses output, and the source goes on', () => {
  const { window, sentBytes, holds, caughtUp } = newWindow();
  window.push(FULL);
  window.check();
  window.push(FULL);
  expect(window.isBehind).toBe(false);
  window.ack(WINDOW_BYTES);
  window.check();
  expect(window.isBehind).toBe(true);
  expect(holds).toEqual([true, false]);
  window.push(Buffer.from('missed'));
  expect(sentBytes()).toBe(2 * WINDOW_BYTES);
  window.ack(WINDOW_BYTES - 1);
  expect([window.isDrained, caughtUp.times]).toEqual([false, 0]);
  window.ack(1);
  expect([window.isDrained, caughtUp.times]).toEqual([true, 1]);
  expect(Buffer.from(window.restart()).toString()).toBe('missed');
  window.push(Buffer.from('seen'));
  expect(sentBytes()).toBe(2 * WINDOW_BYTES + 4);
});

test('a client that acks enough gets everything, however long the source is paused', () => {
  const { window, sentBytes } = newWindow();
  for (let round = 0; round < 20; round++) {
    for (let acked = 0; acked < SLOW; acked += WINDOW_BYTES) {
      window.push(FULL);
      if (round > 0 || acked > 0) window.ack(WINDOW_BYTES);
    }
    window.check();
  }
  expect(window.isBehind).toBe(false);
  expect(sentBytes()).toBe(20 * SLOW);
});

test('who fell behind does not pause the source again, until the window was not full for a while', () => {
  const { window, holds } = newWindow();
  const fallBehind = () => {
    window.push(FULL);
    window.check();
    window.check();
    window.ack(WINDOW_BYTES);
    window.restart();
  };
  fallBehind();
  window.push(FULL);
  expect(window.isBehind).toBe(true);
  expect(holds).toEqual([true, false, false]);
  window.ack(WINDOW_BYTES);
  window.restart();
  window.check();
  window.check();
  window.push(FULL);
  expect(window.isBehind).toBe(false);
});

test('keeps the last lines of what is missed', () => {
  const { window } = newWindow();
  window.push(FULL);
  window.check();
  window.check();
  const lines = Array.from({ length: 100_000 }, (_, i) => `${i}\n`);
  for (const line of lines) window.push(Buffer.from(line));
  const missed = Buffer.from(window.restart()).toString();
  expect(missed.length).toBeGreaterThan(60_000);
  expect(missed.length).toBeLessThanOrEqual(2 * 64 * 1024);
  expect(lines.join('').endsWith(`\n${missed}`)).toBe(true);
});

test('an ack of more than was sent does not count', () => {
  const { window } = newWindow();
  window.push(new Uint8Array(10));
  expect(window.ack(11)).toBe(false);
  expect(window.ack(10)).toBe(true);
  expect(window.ack(1)).toBe(false);
});
