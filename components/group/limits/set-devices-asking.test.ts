// Device rules that somebody else has changed meanwhile are asked about, with both lists.
import { afterEach, expect, test, vi } from 'vitest';
import type { DeviceView } from '../../../server/contract/device-schemas.ts';
import type { DeviceRule } from '../../../server/contract/devices.ts';
import { ProblemError } from '../../../server/contract/problems.ts';
import { api } from '../../live/api.ts';
import type { Ask } from '../../ui/question.tsx';
import { setDevicesAsking } from './set-devices-asking.ts';

const group = { path: '/cgdeck/web', inode: 7 };
const one: DeviceRule = { type: 'c', major: 1, minor: 3, access: 'rw' };
const other: DeviceRule = { type: 'c', major: 1, minor: 5, access: 'r' };
const view = (rules: DeviceRule[] | null): DeviceView => ({
  group: group.path,
  file: 'devices.list',
  rules,
  above: [],
  others: [],
  notes: [],
});
const answer = { ...view([]), old: '', asked: '', new: '', tookMs: 1 };
const changed = new ProblemError('changed', 'They are others.');

afterEach(() => vi.restoreAllMocks());

test('nothing is asked where the rules are those that were shown', async () => {
  const set = vi.spyOn(api, 'setDevices').mockResolvedValue(answer);
  const ask = vi.fn<Ask>();
  await expect(setDevicesAsking({ group, rules: [one], replaces: null }, ask)).resolves.toBe(true);
  expect(set).toHaveBeenCalledExactlyOnceWith({ group: '/cgdeck/web', inode: 7, rules: [one], replaces: null });
  expect(ask).not.toHaveBeenCalled();
});

test('after a yes they replace the rules that the question named, and no later ones', async () => {
  const set = vi.spyOn(api, 'setDevices').mockRejectedValueOnce(changed).mockRejectedValueOnce(changed).mockResolvedValue(answer);
  vi.spyOn(api, 'devices')
    .mockResolvedValueOnce(view([other]))
    .mockResolvedValueOnce(view([]));
  const ask = vi.fn<Ask>(async () => true);
  await expect(setDevicesAsking({ group, rules: null, replaces: [one] }, ask)).resolves.toBe(true);
  expect(set.mock.calls.map(([{ replaces }]) => replaces)).toEqual([[one], [other], []]);
  expect(ask.mock.calls.map(([{ body }]) => String(body))).toEqual([
    expect.stringContaining('now “c 1:5 r”, no longer “c 1:3 rw”. They stay so unless you set no rules.'),
    expect.stringContaining('now no device at all, no longer “c 1:5 r”.'),
  ]);
});

test('a no changes nothing; other refusals are passed on', async () => {
  const set = vi.spyOn(api, 'setDevices').mockRejectedValueOnce(changed);
  vi.spyOn(api, 'devices').mockResolvedValue(view([other]));
  await expect(setDevicesAsking({ group, rules: [], replaces: null }, async () => false)).resolves.toBe(false);
  expect(set).toHaveBeenCalledTimes(1);
  set.mockRejectedValueOnce(new ProblemError('protected', 'No.'));
  await expect(setDevicesAsking({ group, rules: [], replaces: null }, vi.fn<Ask>())).rejects.toThrow('No.');
});
