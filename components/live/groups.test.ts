// The state of all groups: what a frame changes and does not change, and when there are rates.
import { describe, expect, it, vi } from 'vitest';
import { cpuPercent, ratePerSec } from '../../server/contract/derive.ts';
import { entry, frame, unifiedEntry, unifiedUsage, usage } from './fixtures/frames.ts';
import { LiveGroups } from './groups.ts';

function withWeb(): LiveGroups {
  const groups = new LiveGroups();
  groups.apply(frame(1, { full: true, groups: [entry(1, '/'), entry(2, '/cgdeck'), entry(3, '/cgdeck/web')], changes: usage(3, 1000, 0) }));
  return groups;
}

function growth(groups: LiveGroups, path: string): number | undefined {
  const live = groups.get(path);
  return live && ratePerSec(live.before, live.now, 'memory.usage_in_bytes');
}

describe('LiveGroups', () => {
  it('has a rate from the second sample on, by the monotonic clock', () => {
    const groups = withWeb();
    expect(growth(groups, '/cgdeck/web')).toBeUndefined();
    groups.apply(frame(2, { monoMs: 52_500, changes: usage(3, 4000, 1e9) }));
    const live = groups.get('/cgdeck/web');
    expect(growth(groups, '/cgdeck/web')).toBe(2000);
    expect(live && cpuPercent(live.before, live.now)).toBeCloseTo(66.67, 1);
  });

  it('has usage, CPU and growth on v2 as on v1', () => {
    const groups = new LiveGroups();
    groups.apply(frame(1, { full: true, groups: [unifiedEntry(3, '/cgdeck/web')], changes: unifiedUsage(3, 1000, 0) }));
    groups.apply(frame(2, { changes: unifiedUsage(3, 4000, 500_000) }));
    groups.apply(frame(3));
    const live = groups.get('/cgdeck/web');
    expect(groups.spark('/cgdeck/web')?.values('memory')).toEqual([1000, 4000, 4000]);
    expect(groups.spark('/cgdeck/web')?.values('cpu')).toEqual([Number.NaN, 50, 0]);
    expect(groups.spark('/cgdeck/web')?.growthPerSec()).toBe(1500);
    expect(live?.state).toBe('thawed');
    groups.apply(frame(4, { changes: [[3, 'cgroup.freeze', 1]] }));
    expect(groups.get('/cgdeck/web')?.state).toBe('freezing');
    groups.apply(frame(5, { changes: [[3, 'cgroup.events:frozen', 1]] }));
    expect(groups.get('/cgdeck/web')?.state).toBe('frozen');
  });

  it('sets rates to zero when nothing changes any more, and notifies once', () => {
    const groups = withWeb();
    groups.apply(frame(2, { changes: usage(3, 4000, 1e9) }));
    const listener = vi.fn();
    groups.watch('/cgdeck/web', listener);
    groups.apply(frame(3));
    expect(growth(groups, '/cgdeck/web')).toBe(0);
    const rested = groups.get('/cgdeck/web');
    groups.apply(frame(4));
    groups.apply(frame(5));
    expect(listener).toHaveBeenCalledTimes(1);
    expect(groups.get('/cgdeck/web')).toBe(rested);
  });

  it('computes the rate after a pause from the tick before, not from the last change', () => {
    const groups = withWeb();
    for (let seq = 2; seq <= 60; seq++) groups.apply(frame(seq));
    groups.apply(frame(61, { changes: [[3, 'memory.usage_in_bytes', 6000]] }));
    expect(growth(groups, '/cgdeck/web')).toBe(5000);
  });

  it('has no rate across a group that was removed and created again with the same name', () => {
    const groups = withWeb();
    groups.apply(frame(2, { changes: usage(3, 4000, 1e9) }));
    groups.apply(frame(3, { removed: [3], groups: [entry(9, '/cgdeck/web', 7777)], changes: usage(9, 9000, 5e9) }));
    expect(growth(groups, '/cgdeck/web')).toBeUndefined();
    expect(groups.get('/cgdeck/web')?.readings['memory.usage_in_bytes']).toBe(9000);
    expect(groups.spark('/cgdeck/web')?.values('memory')).toEqual([9000]);
    groups.apply(frame(4, { changes: usage(9, 9500, 6e9) }));
    expect(growth(groups, '/cgdeck/web')).toBe(500);
  });

  it('has no rate across two agents, whose monotonic clocks are unrelated', () => {
    const groups = withWeb();
    groups.apply(
      frame(1, { epoch: 'two', full: true, monoMs: 90_000, groups: [entry(1, '/cgdeck/web', 1003)], changes: usage(1, 9000, 9e9) }),
    );
    expect(growth(groups, '/cgdeck/web')).toBeUndefined();
  });

  it('keeps rates across a full frame that follows a gap', () => {
    const groups = withWeb();
    groups.apply(frame(11, { full: true, groups: [entry(1, '/'), entry(3, '/cgdeck/web')], changes: usage(3, 11_000, 0) }));
    expect(growth(groups, '/cgdeck/web')).toBe(1000);
    expect(groups.paths).toEqual(['/', '/cgdeck/web']);
    expect(groups.get('/cgdeck')).toBeUndefined();
  });

  it('refuses a diff that skips one, and changes nothing', () => {
    const groups = withWeb();
    const before = groups.get('/cgdeck/web');
    expect(groups.apply(frame(3, { changes: usage(3, 5000, 0) }))).toBe(false);
    expect(groups.get('/cgdeck/web')).toBe(before);
    expect(groups.get('/cgdeck/web')?.readings['memory.usage_in_bytes']).toBe(1000);
  });

  it('notifies only watchers of a group that changed', () => {
    const groups = withWeb();
    groups.apply(frame(2));
    const web = vi.fn();
    const root = vi.fn();
    groups.watch('/cgdeck/web', web);
    const unwatch = groups.watch('/', root);
    groups.apply(frame(3, { changes: usage(3, 2000, 0) }));
    expect(web).toHaveBeenCalledTimes(1);
    expect(root).not.toHaveBeenCalled();
    unwatch();
    groups.apply(frame(4, { changes: usage(1, 2000, 0) }));
    expect(root).not.toHaveBeenCalled();
  });

  it('gives the same paths until a group comes or goes', () => {
    const groups = withWeb();
    const paths = groups.paths;
    groups.apply(frame(2, { changes: usage(3, 2000, 0) }));
    expect(groups.paths).toBe(paths);
    groups.apply(frame(3, { removed: [3] }));
    expect(groups.paths).toEqual(['/', '/cgdeck']);
    expect(groups.get('/cgdeck/web')).toBeUndefined();
  });

  it('keeps the readings of before as they were', () => {
    const groups = withWeb();
    const first = groups.get('/cgdeck/web')?.readings;
    groups.apply(frame(2, { changes: usage(3, 4000, 0) }));
    expect(first?.['memory.usage_in_bytes']).toBe(1000);
    expect(groups.get('/cgdeck/web')?.before?.readings).toBe(first);
    expect(groups.get('/cgdeck/web')?.readings).not.toBe(first);
  });

  it('continues an idle group with zero CPU and its memory', () => {
    const groups = withWeb();
    groups.apply(frame(2, { changes: usage(3, 1000, 5e8) }));
    for (let seq = 3; seq <= 5; seq++) groups.apply(frame(seq));
    expect(groups.spark('/cgdeck/web')?.values('memory')).toEqual([1000, 1000, 1000, 1000, 1000]);
    expect(groups.spark('/cgdeck/web')?.values('cpu')).toEqual([Number.NaN, 50, 0, 0, 0]);
  });
});
