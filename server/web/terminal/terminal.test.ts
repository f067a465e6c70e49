// A terminal's whole road: a real WebSocket, the web process's app, the link over a Unix socket, the agent's end, and a monitor that the test plays.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { WINDOW_BYTES } from '../../contract/terminal-bounds.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { OPERATOR, VIEWER } from '../fixtures/test-web.ts';
import { ALL_BYTES, ack, atRest, begun, by, MIB, monitor, ON_THE_WAY_BYTES, open, problemOf, web } from './fixtures/terminal-clients.ts';

test('relays every byte both ways, and sizes', async () => {
  monitor.kept = Buffer.from('kept from before, ');
  const client = await begun(open());
  monitor.write(ALL_BYTES);
  client.socket.send(ALL_BYTES);
  client.socket.send(JSON.stringify({ type: 'resize', columns: 132, rows: 43 }));
  await eventually(() => expect(client.output()).toEqual(Buffer.concat([monitor.kept, ALL_BYTES])));
  await eventually(() => expect(monitor.sizes).toEqual([[132, 43]]));
  expect(monitor.input).toEqual(ALL_BYTES);
});

test('replayed output is separated from new output, from monitor to browser', async () => {
  monitor.kept = Buffer.alloc(64 * 1024, 'kept');
  const client = open();
  let oldBytes: number | undefined;
  client.socket.on('message', (data, isBinary) => {
    if (!isBinary && String(data).includes('live')) oldBytes = client.outputBytes;
  });
  await eventually(() => expect(monitor.clients.size).toBe(1));
  monitor.write('now');
  await eventually(() => expect(client.outputBytes).toBe(monitor.kept.length + 3));
  expect(oldBytes).toBe(monitor.kept.length);
});

test('input before the terminal is open is not lost', async () => {
  const client = open();
  await once(client.socket, 'open');
  client.socket.send(JSON.stringify({ type: 'resize', columns: 100, rows: 30 }));
  client.socket.send(Buffer.from('early'));
  await eventually(() => expect(monitor.input.toString()).toBe('early'));
  expect(monitor.sizes).toEqual([[100, 30]]);
});

test('who watches a terminal learns when another screen resizes it', async () => {
  const wide = await begun(open());
  const narrow = await begun(open());
  const viewer = await begun(open(by(VIEWER)), false);
  const sizes = ({ said }: typeof wide) => said.filter(({ type }) => type === 'size');
  wide.socket.send(JSON.stringify({ type: 'resize', columns: 113, rows: 40 }));
  await eventually(() => expect(sizes(narrow)).toEqual([{ type: 'size', columns: 113, rows: 40 }]));
  narrow.socket.send(JSON.stringify({ type: 'resize', columns: 52, rows: 20 }));
  await eventually(() => expect(sizes(wide)).toEqual([{ type: 'size', columns: 52, rows: 20 }]));
  await eventually(() => expect(sizes(viewer)).toHaveLength(2));
  expect(sizes(narrow)).toHaveLength(1);
});

test('the group that is meant is named to the agent, which refuses another; an inode that is none is refused', async () => {
  await begun(open(by(OPERATOR), { query: '?group=/a&inode=7' }));
  const other = open(by(OPERATOR), { query: '?group=/a&inode=8' });
  await eventually(() => expect(problemOf(other)).toMatchObject({ code: 'replaced' }));
  await eventually(() => expect(other.code).toBe(1000));
  for (const none of ['0', '', 'x', '1.5', '-7']) {
    const refused = open(by(OPERATOR), { query: `?group=/a&inode=${none}` });
    await eventually(() => expect(refused.code).toBe(1006));
    expect(refused.said).toEqual([]);
  }
});

test('several clients watch one terminal; a viewer sees all output, and its input does not reach the monitor', async () => {
  const operator = await begun(open());
  const viewer = await begun(open(by(VIEWER)), false);
  viewer.socket.send(Buffer.from('rm -rf'));
  viewer.socket.send(JSON.stringify({ type: 'resize', columns: 1, rows: 1 }));
  await eventually(() => expect(problemOf(viewer)).toMatchObject({ code: 'forbidden' }));
  viewer.socket.send(Buffer.from('again'));
  operator.socket.send(Buffer.from('ls'));
  await eventually(() => expect(monitor.input.toString()).toBe('ls'));
  monitor.write('for both');
  for (const client of [operator, viewer]) await eventually(() => expect(client.output().toString()).toBe('for both'));
  expect(monitor.messages).toHaveLength(1);
  expect(viewer.said).toHaveLength(3);
});

test('beats are answered with what was typed on a screen, which the next connection of the screen begins with; the last one ends', async () => {
  const query = `?group=/a&screen=${'a'.repeat(32)}`;
  const first = await begun(open(by(OPERATOR), { query }));
  expect(first.said[0]).not.toHaveProperty('taken');
  first.socket.send(Buffer.from('typed'));
  first.socket.send('{"type":"beat"}');
  await eventually(() => expect(first.said.at(-1)).toEqual({ type: 'beat', taken: 5 }));
  const next = await begun(open(by(OPERATOR), { query }));
  expect(next.said[0]).toMatchObject({ type: 'begin', taken: 5 });
  // Whatever is still on its way there would be typed twice.
  await eventually(() => expect(first.code).toBe(1006));
  const another = await begun(open(by(OPERATOR), { query: `?group=/a&screen=${'b'.repeat(32)}` }));
  expect(another.said[0]).not.toHaveProperty('taken');
  another.socket.send('{"type":"beat"}');
  await eventually(() => expect(another.said.at(-1)).toEqual({ type: 'beat', taken: 0 }));
  expect(next.socket.readyState).toBe(WebSocket.OPEN);
});

test('a client that beats and reads nothing fills no memory', async () => {
  const client = await begun(open(by(OPERATOR), { query: `?group=/a&screen=${'c'.repeat(32)}` }));
  client.socket.pause();
  const beats = 400_000;
  for (let i = 0; i < beats; i++) client.socket.send('{"type":"beat"}');
  await eventually(() => expect(client.socket.bufferedAmount).toBe(0));
  client.socket.resume();
  client.socket.send(Buffer.from('typed'));
  await eventually(() => {
    client.socket.send('{"type":"beat"}');
    expect(client.said.at(-1)).toEqual({ type: 'beat', taken: 5 });
  });
  expect(client.said.length).toBeLessThan(beats);
});

test('a client without a screen beats as well', async () => {
  const client = await begun(open(by(VIEWER)), false);
  client.socket.send('{"type":"beat"}');
  await eventually(() => expect(client.said.at(-1)).toEqual({ type: 'beat' }));
});

test('without acks one window is sent and the program waits; with acks the rest follows, unchanged', async () => {
  const flood = randomBytes(24 * MIB);
  const client = await begun(open(by(OPERATOR), { acks: false }));
  monitor.write(flood);
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  expect(await atRest()).toBeLessThan(WINDOW_BYTES + ON_THE_WAY_BYTES);
  expect(client.outputBytes).toBe(WINDOW_BYTES);

  ack(client, 1000);
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES + 1000));
  client.socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) ack(client, data.length);
  });
  ack(client, WINDOW_BYTES);
  await eventually(() => expect(client.outputBytes).toBe(flood.length));
  expect(client.hash.digest('hex')).toBe(createHash('sha256').update(flood).digest('hex'));
});

test('input arrives while output is paused', async () => {
  const client = await begun(open(by(OPERATOR), { acks: false }));
  monitor.write(Buffer.alloc(8 * MIB, 'y\n'));
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  client.socket.send(Buffer.from('\x03'));
  await eventually(() => expect(monitor.input.toString()).toBe('\x03'));
});

test('a client that acks too little slows no program: it misses output, and goes on with a replay when it has acked the rest', async () => {
  const slow = await begun(open(by(OPERATOR), { acks: false }));
  const quick = await begun(open());
  monitor.write(Buffer.alloc(8 * MIB, 'y\n'));
  await eventually(() => expect(slow.outputBytes).toBe(WINDOW_BYTES));
  web.terminals.check();
  web.terminals.check();
  await eventually(() => expect(quick.outputBytes).toBe(8 * MIB));
  await eventually(() => expect(monitor.takenBytes).toBeGreaterThan(2 * 8 * MIB));
  slow.socket.send(Buffer.from('typed meanwhile'));
  await eventually(() => expect(monitor.input.toString()).toBe('typed meanwhile'));

  monitor.kept = Buffer.from('the screen as it is');
  ack(slow, WINDOW_BYTES);
  await eventually(() =>
    expect(slow.said).toMatchObject([...Array(2)].flatMap(() => [{ type: 'begin', mayType: true }, { type: 'live' }])),
  );
  expect(slow.output().subarray(WINDOW_BYTES).toString()).toBe('the screen as it is');
  await eventually(() => expect(monitor.clients.size).toBe(2));
  slow.socket.send(Buffer.from(', and later'));
  await eventually(() => expect(monitor.input.toString()).toBe('typed meanwhile, and later'));
  expect(slow.socket.readyState).toBe(WebSocket.OPEN);
});

test('a program that ends while a client misses output: it gets the last of it', async () => {
  const slow = await begun(open(by(OPERATOR), { acks: false }));
  monitor.write(Buffer.concat([Buffer.alloc(4 * MIB, 'y\n'), Buffer.from('the last line\n')]));
  await eventually(() => expect(slow.outputBytes).toBe(WINDOW_BYTES));
  web.terminals.check();
  web.terminals.check();
  await eventually(() => expect(monitor.takenBytes).toBeGreaterThan(4 * MIB));
  await monitor.stop();
  ack(slow, WINDOW_BYTES);
  await eventually(() => expect(slow.said.at(-1)).toEqual({ type: 'end' }));
  expect(slow.output().toString()).toMatch(/^(y\n)+the last line\n$/);
  expect(slow.said.at(-2)).toMatchObject({ type: 'begin', mayType: true });
});

test('a browser that vanishes while output is paused leaves no connection open', async () => {
  const client = await begun(open(by(OPERATOR), { acks: false }));
  monitor.write(Buffer.alloc(8 * MIB, 'y\n'));
  await eventually(() => expect(client.outputBytes).toBe(WINDOW_BYTES));
  client.socket.terminate();
  await eventually(() => expect(monitor.clients.size).toBe(0));
  await eventually(() => expect(web.terminals.open).toBe(0));
});
