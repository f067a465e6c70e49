// What the agent's end of a terminal asks of who connects, and what it bears.
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, type Mock, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { TerminalMessage } from '../contract/terminal.ts';
import { MAX_INPUT_BYTES } from '../contract/terminal-bounds.ts';
import type { AgentEndOptions } from './agent-end.ts';
import { MAX_TERMINAL_LINKS } from './bounds.ts';
import { eventually } from './fixtures/eventually.ts';
import { LINK_KEY, StandInAgent, temporaryFolder } from './fixtures/stand-in-agent.ts';
import type { AgentTerminal } from './terminal-agent-end.ts';

let folder: ReturnType<typeof temporaryFolder>;
let agent: StandInAgent;
let sockets: WebSocket[];
let typed: string[];
let close: Mock<() => void>;

beforeEach(() => {
  folder = temporaryFolder();
  agent = new StandInAgent('one');
  sockets = [];
  typed = [];
  close = vi.fn();
});

afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await agent.stop();
  folder.remove();
});

/** Its mock is this test's own: a socket of the last one may still be closing. */
function recorder(): AgentTerminal {
  const own = { typed, close };
  return {
    run: 'one',
    read: () => undefined,
    input: (bytes) => own.typed.push(Buffer.from(bytes).toString()),
    resize: (columns, rows) => own.typed.push(`${columns}x${rows}`),
    close: () => own.close(),
  };
}

async function serve(changed: Partial<AgentEndOptions> = {}): Promise<void> {
  await agent.serve(join(folder.path, 'agent.sock'), { openTerminal: async () => recorder(), onError: () => undefined, ...changed });
}

function connect(query = '?group=/a&id=main&type=1&by=me', key = LINK_KEY): { socket: WebSocket; said: TerminalMessage[] } {
  const socket = new WebSocket(`ws+unix:${join(folder.path, 'agent.sock')}:/terminal${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  const said: TerminalMessage[] = [];
  socket.on('error', () => undefined);
  socket.on('message', (data) => said.push(TerminalMessage.parse(JSON.parse(String(data)))));
  sockets.push(socket);
  return { socket, said };
}

test('takes input and sizes from who may type', async () => {
  await serve();
  const { socket, said } = connect();
  await once(socket, 'open');
  socket.send(Buffer.from('ls'));
  socket.send(JSON.stringify({ type: 'resize', columns: 80, rows: 24 }));
  await eventually(() => expect(typed).toEqual(['ls', '80x24']));
  expect(said).toEqual([{ type: 'begin', mayType: true, run: 'one' }]);
  socket.close();
  await eventually(() => expect(close).toHaveBeenCalledOnce());
});

test.each([
  ['a wrong key', {}, 'another key', 401],
  ['another user', { peerUid: () => 12345 }, LINK_KEY, 403],
] as const)('refuses %s', async (_what, changed, key, status) => {
  const openTerminal = vi.fn(async () => recorder());
  await serve({ openTerminal, webUid: 54321, ...changed });
  const { socket } = connect(undefined, key);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(status);
  expect(openTerminal).not.toHaveBeenCalled();
});

test.each([
  ['input where no one may type', '0', Buffer.from('rm'), 1008],
  ['a size where no one may type', '0', '{"type":"resize","columns":1,"rows":1}', 1008],
  ['text that is no JSON', '1', '{{{', 1007],
  ['an ack, which is between browser and web process', '1', '{"type":"ack","bytes":1}', 1007],
  ['more than an input message may have', '1', Buffer.alloc(MAX_INPUT_BYTES + 1), 1009],
] as const)('closes on %s', async (_what, type, message, code) => {
  await serve();
  const { socket } = connect(`?group=/a&id=main&type=${type}&by=me`);
  await once(socket, 'open');
  socket.send(message);
  expect((await once(socket, 'close'))[0]).toBe(code);
  expect(typed).toEqual([]);
  await eventually(() => expect(close).toHaveBeenCalledOnce());
});

test.each(['', '?group=a&type=1&by=me', '?group=/a&id=shell&type=1&by=me', '?group=/a&type=2&by=me', '?group=/a&type=1'])(
  'refuses the query "%s"',
  async (query) => {
    await serve();
    const { socket, said } = connect(query);
    expect((await once(socket, 'close'))[0]).toBe(1000);
    expect(said).toMatchObject([{ type: 'problem', problem: { code: 'invalid' } }]);
  },
);

test(`no more than ${MAX_TERMINAL_LINKS} at once, also while they are being opened; a closed one makes room`, async () => {
  const opening = Promise.withResolvers<AgentTerminal>();
  await serve({ openTerminal: () => opening.promise });
  const first = Array.from({ length: MAX_TERMINAL_LINKS }, () => connect());
  await Promise.all(first.map(({ socket }) => once(socket, 'open')));
  const tooMany = connect();
  await once(tooMany.socket, 'close');
  expect(tooMany.said).toMatchObject([{ type: 'problem', problem: { code: 'rate_limited' } }]);
  opening.resolve(recorder());
  await Promise.all(first.map(({ said }) => eventually(() => expect(said).toHaveLength(1))));
  first[0]?.socket.close();
  await eventually(() => expect(close).toHaveBeenCalledOnce());
  const next = connect();
  await eventually(() => expect(next.said).toEqual([{ type: 'begin', mayType: true, run: 'one' }]));
});

test('who has left while it was being opened leaves no terminal open', async () => {
  const opening = Promise.withResolvers<AgentTerminal>();
  await serve({ openTerminal: () => opening.promise });
  const { socket } = connect();
  await once(socket, 'open');
  socket.terminate();
  await once(socket, 'close');
  opening.resolve(recorder());
  await eventually(() => expect(close).toHaveBeenCalledOnce());
});
