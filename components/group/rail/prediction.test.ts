// The sentences under the rail: what the kernel will do, with the values that matter.
import { describe, expect, it } from 'vitest';
import type { RailFacts } from './facts.ts';
import { predict, questionBefore, spanText } from './prediction.ts';

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const facts: RailFacts = {
  version: 1,
  usageBytes: 100 * MIB,
  reclaimableBytes: 30 * MIB,
  hard: 256 * MIB,
  soft: 'max',
  memsw: 'max',
  memoryBytes: 24 * GIB,
  swapRoomBytes: undefined,
  protectedBytes: undefined,
  ancestor: undefined,
  ancestorSoft: undefined,
  swapBytes: GIB,
  growthPerSec: undefined,
  oomKillDisabled: false,
  oomWholeGroup: false,
};

describe('a hard limit', () => {
  it('below usage, where page cache suffices: reclaim', () => {
    const { tone, sentence } = predict('hard', 80 * MIB, facts);
    expect(tone).toBe('care');
    expect(sentence).toBe(
      'Below usage: the kernel will try to reclaim 20 MiB at once; 30 MiB of page cache can be freed. EBUSY if it cannot.',
    );
  });

  it('below usage, where it does not: EBUSY is likely', () => {
    const { tone, sentence } = predict('hard', 50 * MIB, facts);
    expect(tone).toBe('danger');
    expect(sentence).toContain('only 30 MiB is page cache');
    expect(sentence).toContain('EBUSY');
    expect(predict('hard', 50 * MIB, { ...facts, reclaimableBytes: 0 }).sentence).toContain('none of it is page cache');
    expect(predict('hard', 50 * MIB, { ...facts, reclaimableBytes: 0, swapBytes: 0 }).sentence).toContain(
      'no swap for the rest. Expect EBUSY',
    );
    expect(predict('hard', 50 * MIB, { ...facts, reclaimableBytes: undefined }).tone).toBe('danger');
  });

  it('near usage: how soon it is full, and what then', () => {
    const near = predict('hard', 104 * MIB, { ...facts, growthPerSec: 2 * MIB });
    expect(near).toEqual({ tone: 'care', sentence: '4 MiB above usage, full in 2 s at +2 MiB/s: then reclaim, then an OOM kill.' });
    expect(predict('hard', 104 * MIB, { ...facts, oomKillDisabled: true }).sentence).toContain('wait until the limit is raised');
  });

  it('well above usage: headroom', () => {
    expect(predict('hard', 200 * MIB, facts)).toEqual({ tone: 'calm', sentence: '100 MiB of headroom.' });
    expect(predict('hard', 200 * MIB, { ...facts, growthPerSec: -MIB }).sentence).toBe('100 MiB of headroom.');
  });

  it('above an ancestor’s: the ancestor’s counts first', () => {
    const bound = { ...facts, ancestor: { bytes: GIB, group: '/cgdeck' } };
    expect(predict('hard', 2 * GIB, bound).sentence).toBe('Limited first by 1 GiB on /cgdeck.');
    expect(predict('hard', 'max', bound).sentence).toBe('No limit of its own: /cgdeck still limits it to 1 GiB.');
    expect(predict('hard', 'max', facts).sentence).toBe('No limit of its own: only the machine’s 24 GiB limit it.');
  });

  it('above memory and swap: memsw is raised too, and only then', () => {
    const swap = { ...facts, memsw: 256 * MIB };
    expect(predict('hard', 512 * MIB, swap).sentence).toContain('Memory + swap (256 MiB) is raised too.');
    expect(predict('hard', 'max', swap).sentence).toContain('is raised too');
    expect(predict('hard', 200 * MIB, swap).sentence).not.toContain('raised');
  });

  it('below the soft limit: the soft one has no effect any more', () => {
    expect(predict('hard', 200 * MIB, { ...facts, soft: 220 * MIB }).sentence).toContain('The soft limit (220 MiB) is then higher');
  });
});

describe('a soft limit', () => {
  it('never refuses anything, and names its effect', () => {
    expect(predict('soft', 60 * MIB, facts)).toMatchObject({ tone: 'care' });
    expect(predict('soft', 60 * MIB, facts).sentence).toContain('40 MiB of this group is reclaimed first');
    expect(predict('soft', 120 * MIB, facts).sentence).toContain('20 MiB above usage');
    expect(predict('soft', 300 * MIB, facts).sentence).toBe('No effect: higher than the hard limit (256 MiB).');
    expect(predict('soft', 'max', facts).sentence).toContain('No soft limit');
  });
});

describe('questionBefore', () => {
  it('asks only before a hard limit below usage', () => {
    expect(questionBefore('hard', 50 * MIB, facts)?.title).toBe('Set the hard limit to 50 MiB, under the 100 MiB in use?');
    expect(questionBefore('hard', 100 * MIB, facts)).toBeUndefined();
    expect(questionBefore('hard', 'max', facts)).toBeUndefined();
    expect(questionBefore('soft', 50 * MIB, facts)).toBeUndefined();
  });
});

describe('on v2', () => {
  const v2: RailFacts = { ...facts, version: 2, memsw: undefined, swapRoomBytes: GIB };

  it('a hard limit below usage is applied, and processes are killed for what cannot be reclaimed', () => {
    expect(predict('hard', 80 * MIB, v2)).toEqual({
      tone: 'care',
      sentence:
        'Below usage: the limit applies at once, and the kernel reclaims 20 MiB; 30 MiB of cache can be freed. If that fails, it kills processes of the group.',
    });
    const tight = predict('hard', 50 * MIB, v2);
    expect(tight.tone).toBe('danger');
    expect(tight.sentence).toContain('only 30 MiB of it is cache, and the rest has to be swapped out. If that fails, it kills processes');
    for (const { sentence } of [tight, predict('hard', 80 * MIB, v2)]) expect(sentence).not.toContain('EBUSY');
  });

  it('swap takes as much as there is room for', () => {
    expect(predict('hard', 50 * MIB, { ...v2, swapRoomBytes: 0 }).sentence).toContain('no swap for the rest. It kills processes');
    expect(predict('hard', 50 * MIB, { ...v2, swapRoomBytes: 5 * MIB }).sentence).toContain('only 5 MiB of the rest can be swapped out');
    expect(predict('hard', 50 * MIB, { ...v2, reclaimableBytes: undefined }).sentence).toContain('or kills processes of the group');
  });

  it('a group that is killed as a whole', () => {
    const whole = { ...v2, oomWholeGroup: true };
    expect(predict('hard', 50 * MIB, whole).sentence).toContain('kills all processes of the group');
    expect(predict('hard', 104 * MIB, whole).sentence).toContain('an OOM kill of the whole group');
  });

  it('a soft limit slows down, and never kills', () => {
    expect(predict('soft', 80 * MIB, v2)).toEqual({
      tone: 'care',
      sentence: 'Below usage: the group has to reclaim 20 MiB at once, and is slowed down while it is above the limit. Nothing is killed.',
    });
    expect(predict('soft', 50 * MIB, { ...v2, swapRoomBytes: 5 * MIB }).sentence).toContain('of which only 35 MiB can be freed');
    expect(predict('soft', 50 * MIB, { ...v2, swapRoomBytes: 0, reclaimableBytes: 0 }).sentence).toContain('of which nothing can be freed');
    expect(predict('soft', 120 * MIB, { ...v2, growthPerSec: 2 * MIB }).sentence).toBe(
      '20 MiB above usage, reached in 10 s at +2 MiB/s: from there the group is slowed down and made to reclaim, not killed.',
    );
    expect(predict('soft', 300 * MIB, v2).sentence).toContain('No effect');
    expect(predict('soft', 'max', v2).sentence).toContain('nothing slows the group down');
  });

  it('asks before the hard limit goes below usage, naming file, asked and usage', () => {
    const question = questionBefore('hard', 50 * MIB, v2);
    expect(question?.title).toBe('Set the hard limit to 50 MiB, under the 100 MiB in use?');
    expect(question?.body).toMatch(/^cgroup v2 never refuses memory\.max\. .* kills processes of the group/);
    expect(questionBefore('soft', 50 * MIB, v2)).toBeUndefined();
  });
});

it('spanText is rough on purpose', () => {
  expect([0.3, 40, 150, 7200, 400_000].map(spanText)).toEqual(['under a second', '40 s', '3 min', '2 h', '5 days']);
});
