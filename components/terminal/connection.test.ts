// The browser’s end of a terminal over a socket and with a clock that the test controls.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProblemError } from '../../server/contract/problems.ts';
import { MAX_INPUT_BYTES, type TerminalMessage } from '../../server/contract/terminal.ts';
import { TerminalConnection, type TerminalSocket, type TerminalState } from './connection.ts';

class FakeSocket implements TerminalSocket {
  binaryType = '';
  readyState = 1;
  onmessage: TerminalSocket['onmessage'] = null;
  onclose: TerminalSocket['onclose'] = null;
  readonly sent: (string | Uint8Array)[] = [];
  isClosed = false;

  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === 'string' ? data : Uint8Array.from(data));
  }

  close(): void {
    this.isClosed = true;
  }

  receive(message: TerminalMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  output(bytes: number): void {
    this.onmessage?.({ data: new Uint8Array(bytes).fill(7).buffer });
  }
}

interface Shown {
  readonly bytes: Uint8Array;
  readonly isOld: boolean;
  readonly shown: () => void;
}

let sockets: FakeSocket[];
let states: TerminalState[];
let output: Shown[];
let resets: number;
let denied: boolean;
let isHidden: boolean;
let connection: TerminalConnection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.setSystemTime(5000);
  sockets = [];
  states = [];
  output = [];
  resets = 0;
  denied = false;
  isHidden = false;
  connection = new TerminalConnection({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    isDenied: async () => denied,
    isHidden: () => isHidden,
    now: () => Date.now(),
    onState: (state) => states.push(state),
    onReset: () => resets++,
    onOutput: (bytes, isOld, shown) => output.push({ bytes, isOld, shown }),
  });
  connection.start();
});

afterEach(() => {
  connection.stop();
  vi.useRealTimers();
});

function socket(index = 0): FakeSocket {
  const found = sockets[index];
  if (!found) throw new Error(`There is no connection ${index}.`);
  return found;
}

const begin = (mayType = true, index = 0) => socket(index).receive({ type: 'begin', mayType });
const problem = (code: 'agent_unavailable' | 'conflict' | 'not_found'): TerminalMessage => ({
  type: 'problem',
  problem: new ProblemError(code, 'A sentence.').problem,
});
const close = (code: number, index = 0) => socket(index).onclose?.({ code });
const isState = () => states.at(-1)?.is;

test('begins with the size of the screen, types, and sends a new size', () => {
  connection.resize(100, 30);
  connection.type(Uint8Array.of(1));
  expect(socket().sent).toEqual([]);
  begin();
  connection.type(Uint8Array.of(3));
  connection.resize(4000, 31);
  expect(states).toEqual([{ is: 'live', mayType: true }]);
  expect(socket().sent).toEqual([
    '{"type":"resize","columns":100,"rows":30}',
    Uint8Array.of(3),
    '{"type":"resize","columns":1000,"rows":31}',
  ]);
});

test('a viewer sends neither keys nor sizes', () => {
  connection.resize(100, 30);
  begin(false);
  connection.type(Uint8Array.of(3));
  connection.resize(80, 24);
  expect(states).toEqual([{ is: 'live', mayType: false }]);
  expect(socket().sent).toEqual([]);
});

test('a paste goes in messages that the server takes, whole and in order', () => {
  begin();
  const paste = Uint8Array.from({ length: 2 * MAX_INPUT_BYTES + 5 }, (_, index) => index % 251);
  connection.type(paste);
  const parts = socket().sent as Uint8Array[];
  expect(parts.map(({ length }) => length)).toEqual([MAX_INPUT_BYTES, MAX_INPUT_BYTES, 5]);
  expect(Buffer.concat(parts).equals(paste)).toBe(true);
});

test('acks what was shown when it was shown', () => {
  begin();
  socket().output(10);
  socket().output(20);
  expect(socket().sent).toEqual([]);
  output[0]?.shown();
  output[1]?.shown();
  expect(socket().sent).toEqual(['{"type":"ack","bytes":10}', '{"type":"ack","bytes":20}']);
});

test('output is a replay until the server reports that it is live, on each connection, however soon or late', async () => {
  begin();
  socket().output(10);
  vi.advanceTimersByTime(5000);
  socket().output(64 * 1024);
  socket().receive({ type: 'live' });
  socket().output(10);
  expect(output.map(({ isOld }) => isOld)).toEqual([true, true, false]);

  close(1006);
  await vi.advanceTimersByTimeAsync(300);
  begin(true, 1);
  socket(1).receive({ type: 'live' });
  socket(1).output(1);
  expect(output.slice(3).map(({ isOld }) => isOld)).toEqual([false]);
});

describe('on a hidden page', () => {
  const KIB = 1024;
  const acked = () =>
    socket().sent.reduce((sum, text) => {
      const message = JSON.parse(String(text)) as { bytes?: number };
      return sum + (message.bytes ?? 0);
    }, 0);
  const hide = (hidden: boolean) => {
    isHidden = hidden;
    connection.visibilityChanged();
  };
  beforeEach(() => {
    begin();
    socket().receive({ type: 'live' });
  });

  test('output is acked as it arrives, also what the screen had not shown when it was hidden, and nothing twice', () => {
    socket().output(10);
    expect(acked()).toBe(0);
    hide(true);
    expect(acked()).toBe(10);
    socket().output(20);
    expect(acked()).toBe(30);
    for (const { shown } of output) shown();
    hide(false);
    expect(acked()).toBe(30);
    socket().output(5);
    expect(acked()).toBe(30);
    output[2]?.shown();
    expect(acked()).toBe(35);
    expect([resets, output.map(({ isOld }) => isOld)]).toEqual([0, [false, false, false]]);
  });

  test('a flood is bounded, and the last of it is shown when the page is visible again', () => {
    hide(true);
    for (let i = 0; i < 1000; i++) socket().output(64 * KIB);
    expect(acked()).toBe(1000 * 64 * KIB);
    const count = output.length;
    expect(count * 64 * KIB).toBeLessThanOrEqual(1024 * KIB);
    hide(false);
    expect(resets).toBe(1);
    const late = output.slice(count);
    expect(late.map(({ isOld }) => isOld)).toEqual(late.map(() => true));
    expect(late.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(256 * KIB);

    for (const { shown } of output) shown();
    socket().output(7);
    expect(acked()).toBe(1000 * 64 * KIB);
    expect(output.at(-1)?.isOld).toBe(false);
    output.at(-1)?.shown();
    expect(acked()).toBe(1000 * 64 * KIB + 7);
  });

  test.each([
    ['the program ends', () => socket().receive({ type: 'end' })],
    ['the connection is lost', () => close(1006)],
  ])('%s after a flood: the screen is its last', (_what, end) => {
    hide(true);
    for (let i = 0; i < 100; i++) socket().output(64 * KIB);
    const count = output.length;
    end();
    expect([resets, output.length - count]).toEqual([1, 4]);
    hide(false);
    expect([resets, output.length - count]).toEqual([1, 4]);
  });
});

test('reconnects, resets the screen first, and acks nothing of the old connection', async () => {
  connection.resize(100, 30);
  begin();
  socket().output(10);
  socket().receive(problem('agent_unavailable'));
  close(1013);
  expect(states.at(-1)).toEqual({ is: 'reconnecting', sinceMs: 5000, cause: 'agent' });
  connection.type(Uint8Array.of(3));
  await vi.advanceTimersByTimeAsync(200);
  expect(sockets).toHaveLength(2);
  expect(resets).toBe(0);
  begin(true, 1);
  expect(resets).toBe(1);
  output[0]?.shown();
  expect(socket(1).sent).toEqual(['{"type":"resize","columns":100,"rows":30}']);
  expect(isState()).toBe('live');
});

test('tries less often while there is no answer, and reports once since when it is stale', async () => {
  begin();
  close(1006);
  for (let tries = 1; tries < 8; tries++) {
    await vi.advanceTimersByTimeAsync(3000);
    const made = sockets.length;
    expect(made).toBe(tries + 1);
    close(1006, made - 1);
  }
  expect(states.filter(({ is }) => is === 'reconnecting')).toEqual([{ is: 'reconnecting', sinceMs: 5000, cause: 'server' }]);
});

test('after the end the socket is closed and there is no reconnect', async () => {
  begin();
  socket().output(10);
  socket().receive({ type: 'end' });
  expect(socket().isClosed).toBe(true);
  output[0]?.shown();
  expect(socket().sent).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
  expect(isState()).toBe('ended');
});

test('a program that ended without a connection has ended; one that never existed is a problem', async () => {
  begin();
  close(1013);
  expect(states.at(-1)).toMatchObject({ is: 'reconnecting', cause: 'behind' });
  await vi.advanceTimersByTimeAsync(200);
  socket(1).receive(problem('conflict'));
  close(1000, 1);
  expect(isState()).toBe('ended');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(2);
});

test.each(['conflict', 'not_found', 'agent_unavailable'] as const)('%s before it began is a problem that stays', async (code) => {
  socket().receive(problem(code));
  close(1000);
  expect(states).toMatchObject([{ is: 'problem', problem: { code } }]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
});

test.each([
  ['an ended session', 1008],
  ['a refused connection', 1006],
])('%s: it stops when nobody is logged in', async (_what, code) => {
  denied = true;
  if (code === 1008) begin();
  close(code);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(isState()).toBe('denied');
  expect(sockets).toHaveLength(1);
});

test('stopped while it waits to reconnect, it does not', async () => {
  begin();
  close(1006);
  connection.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sockets).toHaveLength(1);
});

test('to a socket that is closing already, nothing is sent', () => {
  begin();
  socket().output(10);
  socket().readyState = 2;
  output[0]?.shown();
  connection.type(Uint8Array.of(3));
  connection.resize(80, 24);
  expect(socket().sent).toEqual([]);
});

test('messages of another version are ignored', () => {
  begin();
  for (const data of ['{{{', '{"type":"bell"}', new Blob([])]) socket().onmessage?.({ data });
  expect(states).toHaveLength(1);
  expect(output).toEqual([]);
});
