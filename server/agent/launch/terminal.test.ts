// The agent's side of a terminal, with the test in the role of the monitor.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProblemError } from '../../contract/problems.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { FakeMonitor } from '../../link/fixtures/fake-monitor.ts';
import { temporaryFolder } from '../../link/fixtures/stand-in-agent.ts';
import type { AgentTerminal, TerminalPeer } from '../../link/terminal-agent-end.ts';
import { openTerminal } from './terminal.ts';

const ALL_BYTES = Buffer.from(Array.from({ length: 256 }, (_, value) => value));

class FakePeer implements TerminalPeer {
  readonly received: Buffer[] = [];
  readonly ends: (string | ProblemError)[] = [];
  /** The output up to the moment when it became live. */
  readonly old: string[] = [];
  takes = true;

  get bytes(): Buffer {
    return Buffer.concat(this.received);
  }

  output(bytes: Uint8Array): boolean {
    this.received.push(Buffer.from(bytes));
    return this.takes;
  }

  live = () => void this.old.push(this.bytes.toString());
  ended = () => void this.ends.push('ended');
  behind = () => void this.ends.push('behind');
  failed = (error: ProblemError) => void this.ends.push(error);
}

let folder: ReturnType<typeof temporaryFolder>;
let monitor: FakeMonitor;
let peer: FakePeer;
let terminal: AgentTerminal | undefined;

beforeEach(() => {
  folder = temporaryFolder();
  peer = new FakePeer();
});

afterEach(async () => {
  terminal?.close();
  await monitor?.stop();
  folder.remove();
});

async function open(dir = folder.path, before = (_monitor: FakeMonitor): void => undefined): Promise<AgentTerminal> {
  monitor = await FakeMonitor.start(dir);
  before(monitor);
  terminal = await openTerminal({ dir }, peer);
  await eventually(() => expect(monitor.clients.size).toBe(1));
  return terminal;
}

test('relays every byte both ways, input in the monitor’s own messages', async () => {
  const opened = await open();
  opened.read();
  monitor.write(ALL_BYTES);
  opened.input(ALL_BYTES);
  opened.resize(132, 43);
  opened.resize(1000, 1);
  await eventually(() => expect(peer.bytes).toEqual(ALL_BYTES));
  await eventually(() =>
    expect(monitor.sizes).toEqual([
      [132, 43],
      [1000, 1],
    ]),
  );
  expect(monitor.messages[0]).toEqual({ kind: 'i', payload: ALL_BYTES });
});

test('sends input of the largest size as one message, and no message for empty input', async () => {
  const opened = await open();
  opened.input(new Uint8Array());
  opened.input(Buffer.alloc(64 * 1024, 0xfe));
  await eventually(() => expect(monitor.messages).toHaveLength(1));
  expect(monitor.input).toEqual(Buffer.alloc(64 * 1024, 0xfe));
});

test('sends no output before it is read, and pauses when the peer accepts no more', async () => {
  const opened = await open();
  monitor.write('first');
  opened.input(Buffer.from('x'));
  await eventually(() => expect(monitor.messages).toHaveLength(1));
  expect(peer.received).toEqual([]);

  peer.takes = false;
  opened.read();
  await eventually(() => expect(peer.bytes.toString()).toBe('first'));
  const many = Buffer.alloc(4 * 1024 * 1024, 'many');
  monitor.write(many);
  opened.input(Buffer.from('y'));
  await eventually(() => expect(monitor.messages).toHaveLength(2));
  expect(peer.bytes.toString()).toBe('first');
  peer.takes = true;
  opened.read();
  await eventually(() => expect(peer.bytes).toHaveLength(5 + many.length));
});

test.each([
  ['nothing', '', ''],
  ['a screen', 'the last screen', 'the last screen'],
  ['more than one read', 'x'.repeat(64 * 1024), 'x'.repeat(64 * 1024)],
])('%s was sent before: what comes after it is live, to the byte', async (_what, kept, old) => {
  const opened = await open(folder.path, (started) => {
    started.kept = Buffer.from(kept);
  });
  monitor.write('now');
  opened.read();
  await eventually(() => expect(peer.bytes.toString()).toBe(`${kept}now`));
  monitor.write(' and now');
  await eventually(() => expect(peer.bytes.toString()).toBe(`${kept}now and now`));
  expect(peer.old).toEqual([old]);
});

test('takes the first piece from a monitor of an older version for earlier output', async () => {
  const opened = await open(folder.path, (started) => {
    started.announces = false;
    started.kept = Buffer.from('the last screen');
  });
  opened.read();
  await eventually(() => expect(peer.old).toEqual(['the last screen']));
});

test('connects in a directory whose path is longer than a socket address', async () => {
  const dir = join(folder.path, 'd'.repeat(120), 'e'.repeat(120));
  mkdirSync(dir, { recursive: true });
  const opened = await open(dir);
  opened.read();
  monitor.write('from afar');
  await eventually(() => expect(peer.bytes.toString()).toBe('from afar'));
});

test('passes on the last output and then the end, once; later input does nothing', async () => {
  const opened = await open();
  opened.read();
  monitor.write('bye');
  await monitor.end();
  await eventually(() => expect(peer.ends).toEqual(['ended']));
  expect(peer.bytes.toString()).toBe('bye');
  opened.input(Buffer.from('too late'));
  opened.resize(80, 24);
  opened.read();
  opened.close();
  expect(peer.ends).toEqual(['ended']);
});

test('the monitor disconnects us while the program runs, as when we were stopped for a while or it has no place: behind, not ended', async () => {
  const opened = await open();
  opened.read();
  monitor.disconnect();
  await eventually(() => expect(peer.ends).toEqual(['behind']));
});

test('the program ends while we do not read: ended', async () => {
  const opened = await open();
  peer.takes = false;
  opened.read();
  monitor.write('something');
  await eventually(() => expect(peer.received).toHaveLength(1));
  void monitor.end();
  peer.takes = true;
  opened.read();
  await eventually(() => expect(peer.ends).toEqual(['ended']));
});

test('close leaves nothing open and reports nothing', async () => {
  const opened = await open();
  opened.read();
  opened.close();
  await eventually(() => expect(monitor.clients.size).toBe(0));
  expect(peer.ends).toEqual([]);
});

test('ends with a reason when 1 MiB of input waits for a program that does not read', async () => {
  const opened = await open();
  for (const client of monitor.clients) client.pause();
  const paste = Buffer.alloc(64 * 1024, 'v');
  let pastes = 0;
  while (peer.ends.length === 0 && pastes < 1000) {
    opened.input(paste);
    pastes++;
  }
  expect(peer.ends).toMatchObject([{ problem: { code: 'busy' } }]);
  // The kernel's socket buffer takes some hundred KiB more.
  expect(pastes * paste.length).toBeLessThan(4 * 1024 * 1024);
  for (const client of monitor.clients) client.resume();
  await eventually(() => expect(monitor.clients.size).toBe(0));
});

test.each([
  ['no socket', async (dir: string) => dir],
  ['no directory', async (dir: string) => join(dir, 'gone')],
  [
    'no listener',
    async (dir: string) => {
      const gone = await FakeMonitor.start(dir);
      await gone.stop();
      return dir;
    },
  ],
])('%s: it has ended', async (_what, prepare) => {
  const dir = await prepare(folder.path);
  await expect(openTerminal({ dir }, peer)).rejects.toMatchObject({ problem: { code: 'conflict' } });
});
