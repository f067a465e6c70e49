// The browser’s end of a terminal: it begins, types, reconnects, and ends.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ProblemError } from '../../server/contract/problems.ts';
import type { TerminalMessage } from '../../server/contract/terminal.ts';
import { MAX_INPUT_BYTES } from '../../server/contract/terminal-bounds.ts';
import { ControlledTerminal } from './fixtures/controlled-terminal.ts';

let terminal: ControlledTerminal;

beforeEach(() => {
  terminal = new ControlledTerminal();
});
afterEach(() => terminal.end());

const problem = (code: 'agent_unavailable' | 'conflict' | 'not_found' | 'replaced'): TerminalMessage => ({
  type: 'problem',
  problem: new ProblemError(code, 'A sentence.').problem,
});

test('begins with the size of the screen, types, and sends a new size', () => {
  terminal.connection.resize(100, 30);
  terminal.connection.type(Uint8Array.of(1));
  expect(terminal.socket().sent).toEqual([]);
  terminal.begin();
  terminal.connection.type(Uint8Array.of(3));
  terminal.connection.resize(4000, 31);
  expect(terminal.states).toEqual([{ is: 'live', mayType: true, lostBytes: 0 }]);
  expect(terminal.socket().sent).toEqual([
    '{"type":"resize","columns":100,"rows":30}',
    Uint8Array.of(3),
    '{"type":"resize","columns":1000,"rows":31}',
  ]);
});

test('a size that another screen has set is known until this one sets its own', () => {
  terminal.connection.resize(113, 40);
  terminal.begin();
  terminal.socket().receive({ type: 'size', columns: 113, rows: 40 });
  terminal.socket().receive({ type: 'size', columns: 52, rows: 20 });
  terminal.connection.applySize();
  const live = { is: 'live', mayType: true, lostBytes: 0 };
  expect(terminal.states).toEqual([live, { ...live, otherSize: { columns: 52, rows: 20 } }, live]);
  expect(terminal.socket().sent).toEqual(Array(2).fill('{"type":"resize","columns":113,"rows":40}'));
});

test('a viewer sends neither keys nor sizes', () => {
  terminal.connection.resize(100, 30);
  terminal.begin(false);
  terminal.connection.type(Uint8Array.of(3));
  terminal.connection.resize(80, 24);
  expect(terminal.states).toEqual([{ is: 'live', mayType: false, lostBytes: 0 }]);
  expect(terminal.socket().sent).toEqual([]);
});

test('a paste goes in messages that the server takes, whole and in order', () => {
  terminal.begin();
  const paste = Uint8Array.from({ length: 2 * MAX_INPUT_BYTES + 5 }, (_, index) => index % 251);
  terminal.connection.type(paste);
  const parts = terminal.socket().sent.filter((sent) => typeof sent !== 'string');
  expect(parts.map(({ length }) => length)).toEqual([MAX_INPUT_BYTES, MAX_INPUT_BYTES, 5]);
  expect(Buffer.concat(parts).equals(paste)).toBe(true);
});

test('acks what was shown when it was shown', () => {
  terminal.begin();
  terminal.socket().output(10);
  terminal.socket().output(20);
  expect(terminal.socket().sent).toEqual([]);
  terminal.output[0]?.shown();
  terminal.output[1]?.shown();
  expect(terminal.socket().sent).toEqual(['{"type":"ack","bytes":10}', '{"type":"ack","bytes":20}']);
});

test('output is a replay until the server reports that it is live, on each connection, however soon or late', async () => {
  terminal.begin();
  terminal.socket().output(10);
  vi.advanceTimersByTime(5000);
  terminal.socket().output(64 * 1024);
  terminal.socket().receive({ type: 'live' });
  terminal.socket().output(10);
  expect(terminal.output.map(({ isOld }) => isOld)).toEqual([true, true, false]);

  terminal.close(1006);
  await vi.advanceTimersByTimeAsync(300);
  terminal.begin(true, 1);
  terminal.socket(1).receive({ type: 'live' });
  terminal.socket(1).output(1);
  expect(terminal.output.slice(3).map(({ isOld }) => isOld)).toEqual([false]);
});

test('reconnects, resets the screen first, and acks nothing of the old connection', async () => {
  terminal.connection.resize(100, 30);
  terminal.begin();
  terminal.socket().output(10);
  terminal.socket().receive(problem('agent_unavailable'));
  terminal.close(1013);
  expect(terminal.states.at(-1)).toMatchObject({ is: 'reconnecting', sinceMs: 5000, cause: 'agent' });
  await vi.advanceTimersByTimeAsync(200);
  expect(terminal.sockets).toHaveLength(2);
  expect(terminal.resets).toBe(0);
  terminal.begin(true, 1);
  expect(terminal.resets).toBe(1);
  terminal.output[0]?.shown();
  expect(terminal.socket(1).sent).toEqual(['{"type":"resize","columns":100,"rows":30}']);
  expect(terminal.states.at(-1)?.is).toBe('live');
});

test('tries less often while there is no answer, and reports once since when it is stale', async () => {
  terminal.begin();
  terminal.away = true;
  terminal.close(1006);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(terminal.sockets).toHaveLength(1);
  expect(terminal.probes).toBeLessThan(45);
  expect(terminal.states.filter(({ is }) => is === 'reconnecting')).toMatchObject([{ is: 'reconnecting', sinceMs: 5000, cause: 'server' }]);
  terminal.away = false;
  await vi.advanceTimersByTimeAsync(1500);
  expect(terminal.sockets).toHaveLength(2);
});

const key = (text: string) => new TextEncoder().encode(text);
const typed = (index: number) =>
  Buffer.concat(terminal.socket(index).sent.flatMap((sent) => (typeof sent === 'string' ? [] : [sent]))).toString();

test('a connection that is dead and not closed: missed beats end it, and what was typed into it arrives once on the next', async () => {
  terminal.begin(true, 0, { run: 'one' });
  terminal.connection.type(key('ab'));
  // The server got these two, and its word was lost.
  terminal.connection.type(key('cd'));
  await vi.advanceTimersByTimeAsync(17_000);
  expect(terminal.socket().sent.filter((sent) => sent === '{"type":"beat"}')).toHaveLength(3);
  expect(terminal.socket().isClosed).toBe(true);
  terminal.connection.type(key('ef'));
  expect(terminal.states.at(-1)).toMatchObject({ is: 'reconnecting', waitingBytes: 2 });
  terminal.begin(true, 1, { run: 'one', taken: 2 });
  expect(typed(1)).toBe('cdef');
  expect(terminal.states.at(-1)).toEqual({ is: 'live', mayType: true, lostBytes: 0 });
});

test('a beat that comes ten seconds late ends nothing', async () => {
  terminal.begin();
  await vi.advanceTimersByTimeAsync(15_000);
  terminal.socket().receive({ type: 'beat', taken: 0 });
  await vi.advanceTimersByTimeAsync(10_000);
  terminal.socket().receive({ type: 'beat' });
  expect(terminal.socket().isClosed).toBe(false);
  expect(terminal.states).toHaveLength(1);
});

test('what was typed for one run is not typed into the next, and is reported as lost', async () => {
  terminal.begin(true, 0, { run: 'one' });
  terminal.connection.type(key('rm -r'));
  terminal.close(1006);
  terminal.connection.type(key(' x'));
  await vi.advanceTimersByTimeAsync(300);
  terminal.begin(true, 1, { run: 'two' });
  expect(typed(1)).toBe('');
  expect(terminal.states.at(-1)).toEqual({ is: 'live', mayType: true, lostBytes: 7 });
});

test('a page that is woken looks at once whether its connection is alive', async () => {
  terminal.begin();
  await vi.advanceTimersByTimeAsync(4000);
  terminal.wake();
  terminal.socket().receive({ type: 'beat' });
  await vi.advanceTimersByTimeAsync(4000);
  expect(terminal.socket().isClosed).toBe(false);
  terminal.wake();
  await vi.advanceTimersByTimeAsync(2000);
  expect(terminal.socket().isClosed).toBe(true);
  expect(terminal.sockets).toHaveLength(2);
});

test('a server that answers and takes no WebSocket: it is reported, and tried again', async () => {
  terminal.close(1006);
  await vi.advanceTimersByTimeAsync(300);
  terminal.close(1006, 1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(terminal.states).toEqual([{ is: 'refused' }]);
  await vi.advanceTimersByTimeAsync(3000);
  terminal.begin(true, 2);
  expect(terminal.states.at(-1)?.is).toBe('live');
});

test('a connection that opens and stays silent is given up', async () => {
  await vi.advanceTimersByTimeAsync(10_500);
  expect(terminal.socket().isClosed).toBe(true);
  expect(terminal.states).toEqual([{ is: 'refused' }]);
});

test('after the end the socket is closed and there is no reconnect', async () => {
  terminal.begin();
  terminal.socket().output(10);
  terminal.socket().receive({ type: 'end' });
  expect(terminal.socket().isClosed).toBe(true);
  terminal.output[0]?.shown();
  expect(terminal.socket().sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(terminal.sockets).toHaveLength(1);
  expect(terminal.states.at(-1)?.is).toBe('ended');
});

test('a program that ended without a connection has ended; one that never existed is a problem', async () => {
  terminal.begin();
  terminal.close(1013);
  expect(terminal.states.at(-1)).toMatchObject({ is: 'reconnecting', cause: 'behind' });
  await vi.advanceTimersByTimeAsync(200);
  terminal.socket(1).receive(problem('conflict'));
  terminal.close(1000, 1);
  expect(terminal.states.at(-1)?.is).toBe('ended');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(terminal.sockets).toHaveLength(2);
});

test('where another group has the name by now, what was typed meanwhile is lost, and it is not tried again', async () => {
  terminal.begin();
  terminal.close(1006);
  terminal.connection.type(Uint8Array.of(1, 2));
  await vi.advanceTimersByTimeAsync(1000);
  terminal.socket(1).receive(problem('replaced'));
  terminal.close(1000, 1);
  expect(terminal.states.at(-1)).toMatchObject({ is: 'problem', problem: { code: 'replaced' }, lostBytes: 2 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(terminal.sockets).toHaveLength(2);
  expect(terminal.socket(1).sent).toEqual([]);
});

test.each(['conflict', 'not_found', 'agent_unavailable'] as const)('%s before it began is a problem that stays', async (code) => {
  terminal.socket().receive(problem(code));
  terminal.close(1000);
  expect(terminal.states).toMatchObject([{ is: 'problem', problem: { code } }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(terminal.sockets).toHaveLength(1);
});

test.each([
  ['an ended session', 1008],
  ['a refused connection', 1006],
])('%s: it stops when the user is not logged in', async (_what, code) => {
  terminal.denied = true;
  if (code === 1008) terminal.begin();
  terminal.close(code);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(terminal.states.at(-1)?.is).toBe('denied');
  expect(terminal.sockets).toHaveLength(1);
});

test('stopped while it waits to reconnect, it does not', async () => {
  terminal.begin();
  terminal.close(1006);
  terminal.connection.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(terminal.sockets).toHaveLength(1);
});

test('to a socket that is closing already, nothing is sent', () => {
  terminal.begin();
  terminal.socket().output(10);
  terminal.socket().readyState = 2;
  terminal.output[0]?.shown();
  terminal.connection.type(Uint8Array.of(3));
  terminal.connection.resize(80, 24);
  expect(terminal.socket().sent).toEqual([]);
});

test('messages of another version are ignored', () => {
  terminal.begin();
  for (const data of ['{{{', '{"type":"bell"}', new Blob([])]) terminal.socket().onmessage?.({ data });
  expect(terminal.states).toHaveLength(1);
  expect(terminal.output).toEqual([]);
});
