// What a task's state and sleeping place say of a freeze.
import { expect, test } from 'vitest';
import { hasStopped } from './unstopped.ts';

test.each<[string, string, string | undefined, boolean]>([
  ['sleeps in v2’s freezer', 'S (sleeping)', 'do_freezer_trap', true],
  ['sleeps in v1’s freezer', 'D (disk sleep)', '__refrigerator', true],
  ['waits for its vfork child', 'D (disk sleep)', 'kernel_clone', true],
  ['was frozen where it slept', 'D (disk sleep)', 'poll_schedule_timeout.constprop.0', true],
  ['waits for a disk', 'D (disk sleep)', 'io_schedule', false],
  ['waits for a page fault of its own', 'D (disk sleep)', 'handle_userfault', false],
  ['is stopped by a signal', 'T (stopped)', undefined, true],
  ['has ended', 'Z (zombie)', undefined, true],
  ['runs', 'R (running)', undefined, false],
  ['sleeps uninterruptibly where nobody says', 'D (disk sleep)', undefined, false],
  ['sleeps where nobody says', 'S (sleeping)', undefined, true],
])('one that %s', (_, state, wchan, stopped) => {
  expect(hasStopped(state, wchan)).toBe(stopped);
});
