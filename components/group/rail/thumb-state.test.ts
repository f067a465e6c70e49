// A thumb: readings do not move it while it is held, it shows the kernel’s value, and it returns there.
import { describe, expect, it } from 'vitest';
import type { WriteAnswer } from '../../../server/contract/answers.ts';
import { ProblemError } from '../../../server/contract/problems.ts';
import { initialThumb, shownSize, type ThumbAction, type ThumbState, thumbReducer } from './thumb-state.ts';

const MIB = 2 ** 20;
const run = (...actions: ThumbAction[]): ThumbState => actions.reduce(thumbReducer, initialThumb);
const reading = (value: number | 'max' | undefined): ThumbAction => ({ type: 'reading', value });
const move = (size: number | 'max'): ThumbAction => ({ type: 'move', size });
const answer = (old: number, asked: number, now: number): WriteAnswer => ({
  group: '/cgdeck/a',
  file: 'memory.limit_in_bytes',
  old: String(old),
  asked: String(asked),
  new: String(now),
  tookMs: 0.4,
});
const answered = (old: number, asked: number, now: number): ThumbAction => ({
  type: 'answered',
  answer: answer(old, asked, now),
  value: now,
});

describe('while it is held', () => {
  it('readings that arrive do not move it', () => {
    const state = run(reading(64 * MIB), { type: 'hold' }, move(80 * MIB), reading(70 * MIB), reading('max'));
    expect(shownSize(state)).toBe(80 * MIB);
    expect(state.kernel).toBe('max');
  });

  it('a cancel returns it to the kernel’s present value, not to where it was picked up', () => {
    const state = run(reading(64 * MIB), { type: 'hold' }, move(80 * MIB), reading(70 * MIB), { type: 'cancel' });
    expect(state.phase).toBe('idle');
    expect(shownSize(state)).toBe(70 * MIB);
  });

  it('a release where it was writes nothing', () => {
    expect(run(reading(64 * MIB), { type: 'hold' }, { type: 'release' }).phase).toBe('idle');
    expect(run(reading(64 * MIB), move(80 * MIB), move(64 * MIB), { type: 'release' }).phase).toBe('idle');
  });
});

describe('when it is released', () => {
  it('shows what was asked at once, and then what the kernel set', () => {
    const pending = run(reading(64 * MIB), move(100_000_001), { type: 'release' }, reading(64 * MIB));
    expect(pending.phase).toBe('pending');
    expect(shownSize(pending)).toBe(100_000_001);
    const done = thumbReducer(pending, answered(64 * MIB, 100_000_001, 99_999_744));
    expect(done.phase).toBe('idle');
    expect(shownSize(done)).toBe(99_999_744);
    expect(done.outcome).toMatchObject({ kind: 'answered', answer: { asked: '100000001', new: '99999744' } });
  });

  it('does not jump back for an older frame', () => {
    const done = run(reading(64 * MIB), move(80 * MIB), { type: 'release' }, answered(64 * MIB, 80 * MIB, 80 * MIB), reading(64 * MIB));
    expect(shownSize(done)).toBe(80 * MIB);
    expect(
      shownSize(
        run(
          reading(64 * MIB),
          move(80 * MIB),
          { type: 'release' },
          answered(64 * MIB, 80 * MIB, 80 * MIB),
          reading(80 * MIB),
          reading(64 * MIB),
        ),
      ),
    ).toBe(64 * MIB);
  });

  it('follows the readings in the end, and another value at once', () => {
    const done = run(reading(64 * MIB), move(80 * MIB), { type: 'release' }, answered(64 * MIB, 80 * MIB, 80 * MIB));
    expect(shownSize([reading(64 * MIB), reading(64 * MIB), reading(64 * MIB)].reduce(thumbReducer, done))).toBe(64 * MIB);
    expect(shownSize(thumbReducer(done, reading(90 * MIB)))).toBe(90 * MIB);
  });

  it('cannot be picked up while the write is under way', () => {
    const pending = run(reading(64 * MIB), move(80 * MIB), { type: 'release' });
    expect([{ type: 'hold' } as const, move(MIB), { type: 'cancel' } as const].reduce(thumbReducer, pending)).toEqual(pending);
  });
});

describe('when there is a question', () => {
  const question = { title: 'Set it?', body: '', confirm: 'Set' };
  const asking = run(reading(64 * MIB), move(16 * MIB), { type: 'release', question });

  it('waits, showing what was asked', () => {
    expect(asking).toMatchObject({ phase: 'asking', question });
    expect(shownSize(thumbReducer(asking, reading(65 * MIB)))).toBe(16 * MIB);
  });

  it('yes writes, no returns', () => {
    expect(thumbReducer(asking, { type: 'confirm' }).phase).toBe('pending');
    expect(shownSize(thumbReducer(asking, { type: 'cancel' }))).toBe(64 * MIB);
  });
});

it('a refusal returns it to the kernel’s value and keeps the problem until it is held again', () => {
  const { problem } = new ProblemError('kernel_refused', 'The kernel cannot reclaim that much.', { errno: 'EBUSY' });
  const refused = run(reading(64 * MIB), move(16 * MIB), { type: 'release' }, { type: 'refused', problem });
  expect(shownSize(refused)).toBe(64 * MIB);
  expect(refused.outcome).toEqual({ kind: 'refused', problem, asked: 16 * MIB });
  expect(thumbReducer(refused, { type: 'hold' }).outcome).toBeUndefined();
});
