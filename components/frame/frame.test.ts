// The frame’s logic: the machine’s readings, PSI levels, and links that stay within the page.
import { describe, expect, it } from 'vitest';
import { asBars, coreLoads, memoryUsed, swapUsed } from './host-readings.ts';
import { eventsHref, groupHref, loginHref, safeReturn } from './links.ts';
import { psiLevel } from './psi.ts';

describe('coreLoads', () => {
  const sample = (busy: number, total: number, monoMs: number) => ({
    readings: { 'stat:cpu0.busy': busy, 'stat:cpu0.total': total, 'stat:cpu1.busy': 0, 'stat:cpu1.total': total },
    monoMs,
    inode: 1,
  });

  it('is the busy share between two samples', () => {
    expect(coreLoads(sample(0, 0, 0), sample(25, 100, 1000))).toEqual([0.25, 0]);
  });

  it('leaves out a core that is offline', () => {
    const readings = (busy: number, total: number) => ({
      'stat:cpu0.busy': 0,
      'stat:cpu0.total': total,
      'stat:cpu2.busy': busy,
      'stat:cpu2.total': total,
    });
    const before = { readings: readings(0, 0), monoMs: 0, inode: 1 };
    expect(coreLoads(before, { readings: readings(25, 100), monoMs: 1000, inode: 1 })).toEqual([0, 0.25]);
  });

  it('is not known from one sample, nor from counters that did not change', () => {
    expect(coreLoads(undefined, sample(25, 100, 1000))).toEqual([undefined, undefined]);
    expect(coreLoads(sample(25, 100, 0), sample(25, 100, 1000))).toEqual([undefined, undefined]);
  });

  it('shows the busiest of several cores that share a bar', () => {
    expect(asBars([0.1, 0.9, undefined, 0.2], 2)).toEqual([0.9, 0.2]);
    expect(asBars([0.1, 0.2], 2)).toEqual([0.1, 0.2]);
  });
});

describe('memory and swap', () => {
  it('counts as used what is not available', () => {
    expect(memoryUsed({ 'meminfo:MemTotal': 100, 'meminfo:MemAvailable': 30 })).toEqual({ usedBytes: 70, totalBytes: 100 });
    expect(memoryUsed({})).toBeUndefined();
    expect(swapUsed({ 'meminfo:SwapTotal': 0, 'meminfo:SwapFree': 0 })).toBeUndefined();
  });
});

describe('psiLevel', () => {
  it.each([
    [0, undefined],
    [4.9, undefined],
    [5, 'low'],
    [20, 'medium'],
    [50, 'critical'],
  ])('%s percent', (percent, level) => {
    expect(psiLevel(percent)).toBe(level);
  });
});

describe('addresses', () => {
  it('carry any group', () => {
    expect(new URLSearchParams(groupHref('/a b/ü&x', 'processes').split('?')[1]).get('path')).toBe('/a b/ü&x');
    expect(eventsHref('/a')).toBe('/events?group=%2Fa');
    expect(eventsHref()).toBe('/events');
  });

  it('lead back after a login, but never to another origin or to the login itself', () => {
    expect(loginHref('/group?path=/a')).toBe('/login?return=%2Fgroup%3Fpath%3D%2Fa');
    expect(safeReturn('/group?path=/a')).toBe('/group?path=/a');
    for (const bad of [null, '', 'https://example.org', '//example.org', '/\\example.org', 'javascript:alert(1)', '/login?return=/'])
      expect(safeReturn(bad)).toBe('/');
  });
});
