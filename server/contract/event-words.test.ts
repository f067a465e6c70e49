// Events in words.
import { describe, expect, it } from 'vitest';
import { eventName, eventSentence, settingWords } from './event-words.ts';

const common = { id: 1, time: 0, group: '/cgdeck/web' };

describe('eventSentence', () => {
  it.each([
    [{ ...common, kind: 'oom_kill', count: 1, victim: { pid: 42, comm: 'hog', rssBytes: 262_144_000 } }, 'Killed hog (pid 42, 250 MiB)'],
    [{ ...common, kind: 'oom_kill', count: 1, victim: { pid: 42, comm: 'a\nb\u202e' } }, 'Killed a^Jb<U+202E> (pid 42)'],
    [{ ...common, kind: 'oom_kill', count: 3 }, 'The kernel killed 3 processes'],
    [
      {
        ...common,
        kind: 'oom_kill',
        count: 3,
        victim: { pid: 7, comm: 'a' },
        victims: [
          { pid: 7, comm: 'a' },
          { pid: 8, comm: 'b' },
        ],
      },
      'Killed 3 processes: a 7, b 8, …',
    ],
    [{ ...common, kind: 'oom', count: 1, underOom: false }, 'Hit its limit; nothing could be reclaimed'],
    [
      { ...common, kind: 'oom', count: 1900, underOom: false, peakPerSec: 120, killed: 1, replaces: 1, untilMs: 41_000 },
      'Hit its limit 1,900 times in 41\u00a0s, at most 120 a second; 1 process killed',
    ],
    [
      { ...common, kind: 'oom', count: 3, underOom: true, peakPerSec: 3, untilMs: 2 },
      'Hit its limit 3 times in 1\u00a0s; its tasks wait until the limit is raised',
    ],
    [
      { ...common, kind: 'write', file: 'memory.limit_in_bytes', old: '9223372036854771712', asked: '64M', new: '67108864' },
      'memory.limit_in_bytes: no limit → 64.0 MiB',
    ],
    [{ ...common, kind: 'write', file: 'cpu.shares', old: '1024', asked: '1', new: '2' }, 'cpu.shares: 1024 → 2'],
    [{ ...common, kind: 'exit', pid: 7, signal: 'SIGKILL' }, 'pid 7 was killed by SIGKILL'],
    [{ ...common, kind: 'exit', pid: 7, code: 0 }, 'pid 7 ended with code 0'],
    [{ ...common, kind: 'exit', pid: 7, code: 1, runMs: 4000 }, 'pid 7 ended with code 1 after 4 s'],
    [{ ...common, kind: 'restart', count: 3, delayMs: 4000, pid: 9 }, 'Started again, restart 3, 4 s after its end (pid 9)'],
    [{ ...common, kind: 'restart', count: 1, delayMs: 1500 }, 'Started again, restart 1, 1.5 s after its end'],
    [{ ...common, kind: 'pressure', level: 'critical', count: 3000 }, 'Its memory is reclaimed (3,000 times)'],
    [{ ...common, kind: 'pressure', level: 'low', count: 1, resource: 'io' }, 'Tasks wait for disks'],
    [{ ...common, kind: 'threshold', file: 'memory.high', count: 12 }, 'Over memory.high: slowed down and made to reclaim (12 times)'],
    [{ ...common, kind: 'threshold', file: 'pids.max', count: 1 }, 'At pids.max: a new process was refused'],
    [
      { ...common, kind: 'threshold', file: 'pids.max', count: 2, orAbove: true },
      'At pids.max of the group or of one above: a new process was refused (2 times)',
    ],
    [
      { ...common, kind: 'threshold', file: 'hugetlb.2MB.max', count: 1, orAbove: true },
      'At hugetlb.2MB.max of the group or of one above: refused',
    ],
    [
      {
        ...common,
        kind: 'forecast',
        ...{ group: '/a', limitGroup: '/a', file: 'memory.max', secondsLeft: 41.7, headroomBytes: 440401920, bytesPerSec: 10485760 },
      },
      'Its memory.max is met in about 42\u00a0s: 420 MiB left, growing by 10.0 MiB/s',
    ],
    [
      {
        ...common,
        kind: 'forecast',
        ...{ group: '/a/b', limitGroup: '/a', file: 'memory.high', secondsLeft: 5, headroomBytes: 5120, bytesPerSec: 1024 },
      },
      'memory.high of /a is met in about 5\u00a0s: 5.00 KiB left, growing by 1.00 KiB/s',
    ],
    [
      { ...common, kind: 'forecast', ...{ group: '/a', limitGroup: '/', secondsLeft: 60, headroomBytes: 61440, bytesPerSec: 1024 } },
      'The machine’s memory is met in about 1\u00a0min: 60.0 KiB left, growing by 1.00 KiB/s',
    ],
    [{ ...common, kind: 'threshold', file: 'hugetlb.2MB.max', count: 2 }, 'At hugetlb.2MB.max: refused (2 times)'],
    [{ ...common, kind: 'empty', count: 1 }, 'The last process ended or left'],
    [{ ...common, kind: 'kill', pids: [1, 2], signal: 'SIGTERM' }, 'SIGTERM to 2 processes'],
  ] as const)('%#', (event, sentence) => {
    expect(eventSentence(event as Parameters<typeof eventSentence>[0])).toBe(sentence);
  });

  it('names the level of pressure', () => {
    expect(eventName({ ...common, kind: 'pressure', level: 'medium', count: 1 })).toBe('Pressure medium');
  });

  it('leaves other texts as they are', () => {
    expect(settingWords('cpuset.cpus', '0-3')).toBe('0-3');
    expect(settingWords('cpu.cfs_quota_us', '-1')).toBe('no limit');
  });

  it('reads v2’s sizes and quotas', () => {
    expect(settingWords('memory.high', '67108864')).toBe('64.0 MiB');
    expect(settingWords('memory.max', 'max')).toBe('no limit');
    expect(settingWords('cpu.max', '150000 100000')).toBe('1.5 CPUs');
    expect(settingWords('cpu.max', '100000 100000')).toBe('1 CPU');
    expect(settingWords('cpu.max', 'max 100000')).toBe('no limit');
    expect(settingWords('cpu.max', '150000')).toBe('150000');
    expect(settingWords('cpu.weight', '100')).toBe('100');
    expect(settingWords('cgroup.subtree_control', '')).toBe('empty');
  });
});
