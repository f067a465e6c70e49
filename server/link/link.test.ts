import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ProblemError } from '../contract/problems.ts';
import { connect, newAgent, OPERATOR, socketPath, VIEWER } from './fixtures/connected-ends.ts';
import { eventually } from './fixtures/eventually.ts';
import { groupEntry, LINK_KEY } from './fixtures/stand-in-agent.ts';

test('begins with hello, the events since, and a full frame; then frames arrive unchanged', async () => {
  const agent = newAgent();
  for (const name of ['/a', '/b', '/c']) agent.event(name);
  agent.tick({ groups: [groupEntry(1, '/a')], changes: [[1, 'pids.current', 3]] });
  await agent.serve(socketPath);
  const received = connect({ sinceId: () => 1 });
  await eventually(() => expect(received.frames).toHaveLength(1));
  expect(received.hellos).toMatchObject([{ host: 'stand-in', epoch: 'one', lastEventId: 3 }]);
  expect(received.events.map(({ id }) => id)).toEqual([2, 3]);
  expect(received.frames[0]).toMatchObject({ full: true, changes: [[1, 'pids.current', 3]] });

  const sent = agent.tick({ changes: [[1, 'pids.current', 4]] });
  agent.event('/d');
  await eventually(() => expect(received.events.map(({ id }) => id)).toEqual([2, 3, 4]));
  expect(Buffer.from(received.bytes[1] ?? []).equals(sent)).toBe(true);
});

test('the socket is not accessible to other users, and one of an earlier agent is replaced', async () => {
  writeFileSync(socketPath, 'left behind');
  await newAgent().serve(socketPath);
  const stats = statSync(socketPath);
  expect(stats.isSocket()).toBe(true);
  expect(stats.mode & 0o777).toBe(0o600);
});

const refused: readonly [string, Record<string, string>, () => number, number][] = [
  ['a wrong key', { authorization: 'Bearer another' }, () => 0, 401],
  ['no key', {}, () => 0, 401],
  ['the key as another user', { authorization: `Bearer ${LINK_KEY}` }, () => 4242, 403],
  [
    'the key where the user cannot be told',
    { authorization: `Bearer ${LINK_KEY}` },
    () => {
      throw new Error('EBADF');
    },
    403,
  ],
];

test.each(refused)('refuses %s', async (_what, headers, peerUid, status) => {
  await newAgent().serve(socketPath, { peerUid, webUid: 0 });
  const socket = new WebSocket(`ws+unix:${socketPath}:/`, { headers });
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  expect(response.statusCode).toBe(status);
  socket.terminate();
});

test('asks the kernel for the uid of the connected socket', async () => {
  const descriptors: number[] = [];
  await newAgent().serve(socketPath, {
    peerUid: (fd) => {
      descriptors.push(fd);
      return 0;
    },
  });
  const received = connect();
  await eventually(() => expect(received.states).toEqual([true]));
  expect(descriptors).toHaveLength(1);
  expect(descriptors[0]).toBeGreaterThan(2);
});

test('a call is checked, has its caller, and gets its answer', async () => {
  const agent = newAgent();
  agent.answer = async (_call, params) => ({ group: (params as { group: string }).group, state: 'frozen', tookMs: 1 });
  await agent.serve(socketPath);
  const { end, states } = connect();
  await eventually(() => expect(states).toEqual([true]));
  await expect(end.call('freeze', { group: '/a' }, OPERATOR)).resolves.toEqual({ group: '/a', state: 'frozen', tookMs: 1 });
  expect(agent.asked).toEqual([{ call: 'freeze', params: { group: '/a' }, by: OPERATOR }]);

  await expect(end.call('freeze', { group: 'no path' }, OPERATOR)).rejects.toMatchObject({
    problem: { code: 'invalid', detail: 'group: A group’s path starts with a slash.' },
  });
  await expect(end.call('freeze', { group: '/a' }, VIEWER)).rejects.toMatchObject({ problem: { code: 'forbidden' } });
  expect(agent.asked).toHaveLength(1);
});

test('the agent’s problems arrive whole; its bugs without their message', async () => {
  const agent = newAgent();
  const bugs: unknown[] = [];
  agent.answer = async (call) => {
    if (call === 'thaw') throw new Error('a secret path');
    throw new ProblemError('busy', 'The kernel is using it.', { errno: 'EBUSY', file: 'memory.limit_in_bytes', asked: '1M' });
  };
  await agent.serve(socketPath, { onError: (error) => bugs.push(error) });
  const { end, states } = connect();
  await eventually(() => expect(states).toEqual([true]));
  await expect(end.call('freeze', { group: '/a' }, OPERATOR)).rejects.toMatchObject({
    problem: { code: 'busy', status: 409, errno: 'EBUSY', file: 'memory.limit_in_bytes', asked: '1M', detail: 'The kernel is using it.' },
  });
  const refusal = await end.call('thaw', { group: '/a' }, OPERATOR).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ problem: { code: 'agent_unavailable' } });
  expect(JSON.stringify((refusal as ProblemError).problem)).not.toContain('secret');
  expect(bugs).toHaveLength(1);
});

test('many calls at once get their own answers, and at most 36 acts are at the agent', async () => {
  const agent = newAgent();
  let working = 0;
  let most = 0;
  const turn = Promise.withResolvers<void>();
  agent.answer = async (_call, params) => {
    most = Math.max(most, ++working);
    if (working === 36) turn.resolve();
    await turn.promise;
    working--;
    return { group: (params as { group: string }).group, state: 'frozen', tookMs: 0 };
  };
  await agent.serve(socketPath);
  const { end, states } = connect();
  await eventually(() => expect(states).toEqual([true]));
  const paths = Array.from({ length: 200 }, (_, i) => `/g${i}`);
  const answers = await Promise.all(paths.map((group) => end.call('freeze', { group }, OPERATOR)));
  expect(answers.map(({ group }) => group)).toEqual(paths);
  expect(most).toBe(36);
});
