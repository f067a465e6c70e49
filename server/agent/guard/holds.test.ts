// A held group that is reclaimed: how far it is, and that a cancel, another decision and the deadline end it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { findControlFile } from '../../contract/control-files.ts';
import type { Event, NewEvent } from '../../contract/events.ts';
import { GuardPlan, type HoldChoice, type HoldFacts } from '../../contract/guards.ts';
import { ProblemError } from '../../contract/problems.ts';
import { Reclaimer, type Watched } from '../act/reclaim.ts';
import { HeldClock } from '../fixtures/held-clock.ts';
import type { Reporter } from '../observe/reporter.ts';
import { ActionJournal } from '../state/action-journal.ts';
import type { Choices, Outcome } from './choices.ts';
import { HoldStore } from './hold-store.ts';
import { Holds } from './holds.ts';

const MIB = 2 ** 20;
const FACTS: HoldFacts = {
  ...{ time: 0, state: 'frozen' as const, usageBytes: 60 * MIB, kinds: {}, processes: [], processCount: 1 },
  limit: { value: 64 * MIB, group: '/a' },
};
const PLAN = GuardPlan.parse({ line: '90%', deadlineSeconds: 60, steps: [{ do: 'killLargest' }] });

/** The kernel, which answers a piece when the test lets it. */
class Kernel {
  usage = 60 * MIB;
  readonly pieces: PromiseWithResolvers<void>[] = [];
  readonly io = {
    group: () => undefined,
    locate: () => ({ file: findControlFile('memory.reclaim', 2) }),
    read: async () => String(this.usage),
    write: async (_: string, __: string, text: string) => {
      const piece = Promise.withResolvers<void>();
      this.pieces.push(piece);
      await piece.promise;
      this.usage -= Number(text);
    },
  };

  async answer(error?: Error): Promise<void> {
    await vi.waitFor(() => expect(this.pieces).not.toEqual([]));
    const piece = this.pieces.shift();
    if (error) piece?.reject(error);
    else piece?.resolve();
    await nextTurn();
  }
}

let folder: string;
let kernel: Kernel;
let clock: HeldClock;
let holds: Holds;
let reported: NewEvent[];
let journal: ActionJournal;
let carriedOut: HoldChoice['do'][];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-test-holds-'));
  [kernel, clock, reported, carriedOut] = [new Kernel(), new HeldClock(), [], []];
  journal = new ActionJournal(folder);
  const reach = { mayWrite: () => {} };
  const reclaimer = new Reclaimer({ io: kernel.io, reach, journal } as unknown as ConstructorParameters<typeof Reclaimer>[0]);
  const choices = {
    step: async (_: string, { do: what }: HoldChoice) => ({ do: what }),
    carryOut: async (group: string, _: GuardPlan, choice: HoldChoice, by: string, watched: Watched): Promise<Outcome> => {
      carriedOut.push(choice.do);
      if (choice.do !== 'reclaim') return { outcome: 'continues', sentence: 'Done.' };
      const { reclaimedBytes } = await reclaimer.reclaim({ group, bytes: choice.bytes ?? 0 }, by, watched);
      return { outcome: 'held', sentence: `${watched.signal?.aborted ? 'Cancelled' : 'Done'} at ${reclaimedBytes / MIB}.` };
    },
  };
  holds = new Holds({
    reporter: { report: (event: NewEvent) => ({ ...event, id: reported.push(event) }) as Event } as unknown as Reporter,
    ...{ journal, clock, choices: choices as unknown as Choices, store: new HoldStore(folder, 'boot'), factsOf: () => FACTS },
    resume: async () => {},
    ended: () => {},
  });
  holds.opened({ group: '/a', pattern: '/a', reason: 'line' }, PLAN, undefined);
});
afterEach(async () => {
  // What is saved soon.
  await nextTurn();
  journal.close();
  rmSync(folder, { recursive: true });
});

const decisions = () => reported.flatMap((event) => (event.kind === 'decision' ? [`${event.by}: ${event.sentence}`] : []));
const progress = () => holds.all()[0]?.reclaim;
const reclaim = () => holds.decide(1, { do: 'reclaim', bytes: 40 * MIB }, 'ann');

test('it shows how far it is, and is still held after', async () => {
  const answer = reclaim();
  await kernel.answer();
  await kernel.answer();
  await vi.waitFor(() => expect(progress()).toEqual({ askedBytes: 40 * MIB, reclaimedBytes: 16 * MIB, by: 'ann' }));
  await kernel.answer();
  await kernel.answer();
  await kernel.answer();
  expect(await answer).toMatchObject({ outcome: 'held', sentence: 'Done at 40.' });
  expect(progress()).toBeUndefined();
});

test('a cancel ends it after the piece that the kernel is at', async () => {
  const answer = reclaim();
  await kernel.answer();
  await vi.waitFor(() => expect(progress()?.reclaimedBytes).toBe(8 * MIB));
  expect(await holds.cancelReclaim(1, 'bob')).toEqual({ hold: 1, askedBytes: 40 * MIB, reclaimedBytes: 8 * MIB });
  await kernel.answer();
  expect(await answer).toMatchObject({ outcome: 'held', sentence: 'Cancelled at 16.' });
  expect(kernel.pieces).toEqual([]);
  await expect(holds.cancelReclaim(1, 'bob')).rejects.toThrow(/Nothing is being reclaimed/);
});

test('a kernel that cannot reclaim more ends it', async () => {
  const answer = reclaim();
  await kernel.answer();
  await kernel.answer(new ProblemError('busy', 'Less was reclaimed.', { errno: 'EAGAIN' }));
  expect(await answer).toMatchObject({ sentence: 'Done at 8.' });
});

test('another decision ends it, and is carried out', async () => {
  const answer = reclaim();
  await vi.waitFor(() => expect(kernel.pieces).toHaveLength(1));
  const thawed = holds.decide(1, { do: 'thaw' }, 'bob');
  await kernel.answer();
  expect(await answer).toMatchObject({ sentence: 'Cancelled at 8.' });
  expect(await thawed).toMatchObject({ outcome: 'continues' });
  expect(decisions()).toEqual(['ann: Cancelled at 8.', 'bob: Done.']);
});

test('the deadline ends it, and the steps decide', async () => {
  const answer = reclaim();
  await vi.waitFor(() => expect(kernel.pieces).toHaveLength(1));
  await clock.move(60_000);
  await kernel.answer();
  expect(await answer).toMatchObject({ sentence: 'Cancelled at 8.' });
  await vi.waitFor(() => expect(carriedOut).toEqual(['reclaim', 'killLargest']));
  expect(decisions()).toEqual(['ann: Cancelled at 8.', 'guard: Done.']);
});

test('a group that is removed while it is reclaimed ends once', async () => {
  const answer = reclaim();
  await vi.waitFor(() => expect(kernel.pieces).toHaveLength(1));
  holds.overtaken('/a', 'gone', 'The group was removed.');
  await kernel.answer(new ProblemError('not_found', 'It was removed.', { errno: 'ENODEV' }));
  await expect(answer).rejects.toMatchObject({ problem: { code: 'not_found' } });
  expect(decisions()).toEqual(['undefined: The group was removed.']);
  expect(holds.all()).toEqual([]);
});

test('with nothing to cancel, a cancel is refused', async () => {
  await expect(holds.cancelReclaim(1, 'bob')).rejects.toMatchObject({ problem: { code: 'conflict' } });
  expect(() => holds.cancelReclaim(7, 'bob')).toThrow(/no hold 7/);
});

test('a clock that is set back an hour changes neither how long it was held nor who is oldest', async () => {
  const hour = vi.spyOn(Date, 'now').mockReturnValue(Date.now() - 3_600_000);
  holds.opened({ group: '/b', pattern: '/b', reason: 'machine' }, PLAN, undefined);
  const oldestFirst = holds.open().sort((a, b) => a.sinceMonoMs - b.sinceMonoMs);
  expect(oldestFirst.map(({ group }) => group)).toEqual(['/a', '/b']);
  let heldMs = -1;
  await holds.between('/a', async (ms) => {
    heldMs = ms;
  });
  expect(heldMs).toBeGreaterThanOrEqual(0);
  await holds.decide(1, { do: 'thaw' }, 'ann');
  hour.mockRestore();
  expect(reported.flatMap((event) => (event.kind === 'decision' ? [event.afterMs ?? -1] : []))).toEqual([
    expect.toSatisfy((ms) => ms >= 0),
  ]);
});
