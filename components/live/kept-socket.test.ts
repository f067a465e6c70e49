// The kept socket over a network that goes silent without closing, with real sockets on loopback and a clock that the test turns.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { Relay } from './fixtures/relay.ts';
import { KeptSocket, type Socket } from './kept-socket.ts';

let server: Server;
let sockets: WebSocketServer;
let relay: Relay;
let kept: KeptSocket;
/** What the page learns, in order. */
let log: string[];
let takesSockets: boolean;
/** A proxy waits for more before it passes anything on. */
let isBuffered: boolean;
let wake: () => void;

/** The page's clock goes twenty times as fast as that of the sockets, until the log is so. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await vi.advanceTimersByTimeAsync(100);
    await setTimeout(5);
  }
}

/** A page that closes a connection which is dead waits for no other. */
function open(): Socket {
  const socket = new WebSocket(`ws://127.0.0.1:${relay.port}`);
  socket.on('error', () => undefined);
  const { close } = socket;
  socket.close = () => {
    if (socket.readyState === WebSocket.OPEN) close.call(socket);
    else socket.terminate();
  };
  return socket as unknown as Socket;
}

async function probe(signal: AbortSignal): Promise<'answers'> {
  await (await fetch(`http://127.0.0.1:${relay.port}`, { signal, headers: { connection: 'close' } })).text();
  return 'answers';
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  log = [];
  takesSockets = true;
  isBuffered = false;
  sockets = new WebSocketServer({ noServer: true });
  sockets.on('connection', (socket) => {
    if (isBuffered) return;
    socket.send('hello');
    socket.on('message', () => socket.send('beat'));
  });
  server = createServer((_request, response) => response.end('{}'));
  server.on('upgrade', (request, socket, head) => {
    if (takesSockets) sockets.handleUpgrade(request, socket, head, (accepted) => sockets.emit('connection', accepted));
    else socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  relay = await Relay.to((server.address() as AddressInfo).port);
  kept = new KeptSocket({
    open,
    probe,
    onWake: (listener) => {
      wake = listener;
      return () => undefined;
    },
    isHidden: () => false,
    now: () => Date.now(),
    beat: () => 'beat',
    onMessage: (data) => {
      kept.good();
      log.push(String(data));
    },
    onLost: () => log.push('lost'),
    onAway: () => log.push('away'),
    onDenied: () => log.push('denied'),
    onRefused: () => log.push('refused'),
  });
  kept.start();
});

afterEach(() => {
  kept.stop();
  relay.close();
  for (const socket of sockets.clients) socket.terminate();
  server.close();
  server.closeAllConnections();
  vi.useRealTimers();
});

test('beats are answered, and a silent network is noticed within three of them; live again once it is back', async () => {
  await until(() => log.filter((word) => word === 'beat').length > 1);
  relay.silence();
  const silentMs = Date.now();
  await until(() => log.includes('lost'));
  expect(Date.now() - silentMs).toBeLessThanOrEqual(17_000);
  await vi.advanceTimersByTimeAsync(20_000);
  relay.resume();
  log = [];
  await until(() => log[0] === 'hello');
});

test('a page that wakes in a silence notices at once, and is live again without a further sign', async () => {
  await until(() => log.includes('hello'));
  relay.silence();
  await vi.advanceTimersByTimeAsync(2000);
  wake();
  await vi.advanceTimersByTimeAsync(1600);
  expect(log.at(-1)).toBe('lost');
  relay.resume();
  await until(() => log.at(-1) === 'hello');
});

test('a server that answers by HTTP and refuses WebSockets is known as such, and one that takes them again is used', async () => {
  await until(() => log.includes('hello'));
  takesSockets = false;
  for (const socket of sockets.clients) socket.terminate();
  await until(() => log.includes('refused'));
  takesSockets = true;
  log = [];
  await until(() => log[0] === 'hello');
});

test('a proxy that keeps what the server sends counts as one that refuses, and once it lets it through it is used', async () => {
  await until(() => log.includes('hello'));
  isBuffered = true;
  for (const socket of sockets.clients) socket.terminate();
  await until(() => log.includes('refused'));
  isBuffered = false;
  log = [];
  await until(() => log[0] === 'hello');
});
