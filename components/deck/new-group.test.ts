// A new group: the names of its limits in each version, when a leaf helps, and the message afterwards.
import { describe, expect, it } from 'vitest';
import { ProblemError } from '../../server/contract/problems.ts';
import { createRequest, doneAlong, leafFault, wantsLeaf } from './new-group.ts';

const empty = { path: '/cgdeck/web', hard: '', soft: '', tasks: '' };

describe('createRequest', () => {
  it('uses the machine’s names of limits, and leaves out empty ones', () => {
    const asked = { ...empty, hard: '256M', soft: '128M', tasks: '64' };
    expect(createRequest(asked, 1).limits).toEqual({
      'memory.limit_in_bytes': '256M',
      'memory.soft_limit_in_bytes': '128M',
      'pids.max': '64',
    });
    expect(createRequest(asked, 2).limits).toEqual({ 'memory.max': '256M', 'memory.high': '128M', 'pids.max': '64' });
    expect(createRequest(empty, 2)).toEqual({ path: '/cgdeck/web' });
    expect(createRequest({ ...empty, leaf: 'main' }, 2)).toEqual({ path: '/cgdeck/web', leaf: 'main' });
  });
});

describe('wantsLeaf', () => {
  const refused = (file: string, code: 'busy' | 'kernel_refused' = 'busy') => new ProblemError(code, '', { errno: 'EBUSY', file }).problem;

  it('is the parent that holds processes', () => {
    expect(wantsLeaf(refused('/cgdeck/web/cgroup.subtree_control'), '/cgdeck/web/api')).toBe('/cgdeck/web');
  });

  it('is undefined where a leaf would not help', () => {
    expect(wantsLeaf(refused('/cgdeck/cgroup.subtree_control'), '/cgdeck/web/api')).toBeUndefined();
    expect(wantsLeaf(refused('/cgdeck/web/mkdir'), '/cgdeck/web/api')).toBeUndefined();
    expect(wantsLeaf(refused('/cgdeck/web/cgroup.subtree_control', 'kernel_refused'), '/cgdeck/web/api')).toBeUndefined();
  });
});

it('a leaf and the new group are two groups', () => {
  expect(leafFault('/cgdeck/web/api', 'main')).toBeUndefined();
  expect(leafFault('/cgdeck/web/api', 'api')).toContain('another name');
  expect(leafFault('/cgdeck/web/api', 'a/b')).toContain('slash');
});

describe('doneAlong', () => {
  it('names the enabled controllers, and the file that was written instead', () => {
    const also = [{ group: '/', file: 'cgroup.subtree_control', old: '', asked: '+cpu +io +memory', new: 'cpu io memory' }];
    expect(doneAlong({ also, translated: { 'memory.limit_in_bytes': 'memory.max' } })).toBe(
      '/ now enables cpu, io and memory for the groups below it. memory.limit_in_bytes was written as memory.max.',
    );
    expect(doneAlong({})).toBe('');
  });
});
