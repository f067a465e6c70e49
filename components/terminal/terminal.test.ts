// The words for a terminal’s state, and the terminals of a group.
import { expect, test } from 'vitest';
import type { Launched } from '../../server/contract/launched.ts';
import { ProblemError } from '../../server/contract/problems.ts';
import { terminalsOf } from './choice.ts';
import type { TerminalState } from './connection.ts';
import { isOldScreen, terminalWords } from './words.ts';

function launched(more: Partial<Launched>): Launched {
  return { id: 'main', group: '/a', pid: 10, argv: ['sh', '-i'], namespaces: [], tty: true, startedAt: 1, restarts: { count: 0 }, ...more };
}

test('no launch, or one without a terminal: there is none', () => {
  expect(terminalsOf(undefined)).toEqual([]);
  expect(terminalsOf({ launched: launched({ tty: false }), joined: [launched({ id: 'exec-1', tty: false })] })).toEqual([]);
});

test('the launch’s own comes first, then the newest that joined; ended ones stay, marked as ended', () => {
  const exit = { time: 2, code: 0 };
  const terminals = terminalsOf({
    launched: launched({}),
    joined: [launched({ id: 'exec-1', exit }), launched({ id: 'exec-2', tty: false }), launched({ id: 'exec-3', argv: ['top'] })],
  });
  expect(terminals.map(({ label, isRunning }) => [label, isRunning])).toEqual([
    ['sh -i', true],
    ['top, exec-3', true],
    ['sh -i, exec-1, ended', false],
  ]);
});

test('a run that follows is another terminal', () => {
  const [before] = terminalsOf({ launched: launched({}) });
  const [after] = terminalsOf({ launched: launched({ startedAt: 2, pid: 11 }) });
  expect(before?.id).toBe(after?.id);
  expect(before?.run).not.toBe(after?.run);
});

const AWAY = { mayType: true, waitingBytes: 0 };

const STATES: readonly [TerminalState, string, RegExp | undefined, boolean][] = [
  [{ is: 'connecting' }, 'Connecting', undefined, false],
  [{ is: 'live', mayType: true, lostBytes: 0 }, 'Live', undefined, false],
  [{ is: 'live', mayType: true, lostBytes: 3 }, 'Live', /^3 typed characters may not have reached/, false],
  [{ is: 'live', mayType: false, lostBytes: 0 }, 'Read only', /viewer/, false],
  [{ is: 'live', mayType: true, lostBytes: 0, otherSize: { columns: 52, rows: 20 } }, 'Live', /size of another screen, 52 × 20/, false],
  [{ is: 'reconnecting', sinceMs: 0, cause: 'agent', ...AWAY }, 'Reconnecting', /agent does not answer.*\d\d:\d\d:\d\d/, true],
  [{ is: 'reconnecting', sinceMs: 0, cause: 'server', ...AWAY }, 'Reconnecting', /server does not answer/, true],
  [{ is: 'reconnecting', sinceMs: 0, cause: 'behind', ...AWAY }, 'Reconnecting', /more output than/, true],
  [{ is: 'reconnecting', sinceMs: 0, cause: 'server', ...AWAY, waitingBytes: 1 }, 'Reconnecting', /One typed character will be sent/, true],
  [{ is: 'ended', lostBytes: 0 }, 'Ended', /last screen\.$/, true],
  [{ is: 'ended', lostBytes: 2 }, 'Ended', /2 typed characters may not/, true],
  [{ is: 'refused' }, 'Not connected', /refused: by a proxy\?/, true],
  [{ is: 'problem', problem: new ProblemError('conflict', 'x').problem, lostBytes: 0 }, 'Not connected', undefined, false],
  [
    { is: 'problem', problem: new ProblemError('replaced', 'x').problem, lostBytes: 2 },
    'Not connected',
    /^2 typed characters may not/,
    false,
  ],
  [{ is: 'denied' }, 'Logged out', /Log in/, true],
];

test.each(STATES)('%o', (state, word, detail, isOld) => {
  const words = terminalWords(state);
  expect(words.word).toBe(word);
  if (detail) expect(words.detail).toMatch(detail);
  else expect(words.detail).toBeUndefined();
  expect(isOldScreen(state)).toBe(isOld);
});
