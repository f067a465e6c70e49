// What wakes a page, in a window that the test plays.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { onWake } from './wake.ts';

let page: EventTarget & { hidden: boolean };
let view: EventTarget;
let woken: number;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  page = Object.assign(new EventTarget(), { hidden: false });
  view = new EventTarget();
  vi.stubGlobal('document', page);
  vi.stubGlobal('window', view);
  woken = 0;
  end = onWake(() => woken++);
});
afterEach(() => {
  end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('shown again, focused, back on the network', () => {
  page.hidden = true;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(woken).toBe(0);
  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  for (const kind of ['focus', 'online', 'pageshow']) view.dispatchEvent(new Event(kind));
  expect(woken).toBe(4);
  end();
  view.dispatchEvent(new Event('online'));
  expect(woken).toBe(4);
});

test('a machine that slept; not a hidden page, whose timers are slow', () => {
  vi.advanceTimersByTime(30_000);
  expect(woken).toBe(0);
  vi.setSystemTime(3_600_000);
  vi.advanceTimersByTime(1000);
  expect(woken).toBe(1);
  page.hidden = true;
  vi.setSystemTime(7_200_000);
  vi.advanceTimersByTime(1000);
  expect(woken).toBe(1);
});
