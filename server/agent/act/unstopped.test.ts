// Whether a task has stopped, by its state and wchan.
import { expect, test } from 'vitest';
import { hasStopped } from './unstopped.ts';

test.each<[string, string, string | undefined, boolean | 'on v1']>([
  ['sleeps in v2’s freezer', 'S (sleeping)', 'do_freezer_trap', true],
  ['sleeps in v1’s freezer', 'D (disk sleep)', '__refrigerator', true],
  ['waits for its vfork child', 'D (disk sleep)', 'kernel_clone', true],
  ['was frozen while it slept', 'D (disk sleep)', 'poll_schedule_timeout.constprop.0', true],
  ...['futex_do_wait', 'futex_wait_multiple', 'futex_sleep_multiple', 'binder_wait_for_work'].map(
    (wchan): [string, string, string, boolean] => [`was frozen in ${wchan}`, 'D (disk sleep)', wchan, true],
  ),
  ['was frozen in a futex wait, before Linux 5.16', 'S (sleeping)', 'futex_wait_queue_me', true],
  ['waits for its vfork child, before Linux 5.10', 'D (disk sleep)', '_do_fork', true],
  ...['rpc_wait_bit_killable', 'nfs_wait_bit_killable', 'wait_for_response'].map((wchan): [string, string, string, 'on v1'] => [
    `waits for a server in ${wchan}`,
    'D (disk sleep)',
    wchan,
    'on v1',
  ]),
  ...['do_exit', 'coredump_task_exit', 'vfs_coredump', 'do_coredump'].map((wchan): [string, string, string, 'on v1'] => [
    `waits in ${wchan} for a core dump`,
    'D (disk sleep)',
    wchan,
    'on v1',
  ]),
  ['waits for the program that takes its core dump', 'S (sleeping)', 'vfs_coredump', false],
  ['waits for a disk', 'D (disk sleep)', 'io_schedule', false],
  ['waits for a userfaultfd page fault', 'D (disk sleep)', 'handle_userfault', false],
  ['is stopped by a signal', 'T (stopped)', undefined, true],
  ['has ended', 'Z (zombie)', undefined, true],
  ['runs', 'R (running)', undefined, false],
  ['sleeps uninterruptibly, wchan unknown', 'D (disk sleep)', undefined, false],
  ['sleeps interruptibly, wchan unknown', 'S (sleeping)', undefined, true],
])('one that %s', (_, state, wchan, stopped) => {
  expect(hasStopped(state, wchan, 1)).toBe(stopped !== false);
  expect(hasStopped(state, wchan, 2)).toBe(stopped === true);
});
