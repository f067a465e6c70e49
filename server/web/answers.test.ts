// What routes answer besides the agent’s answer: problems, the machine’s facts, the registry, health, and the description of the API.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProblemError } from '../contract/problems.ts';
import { FakeAgent, makeTestWeb, type TestWeb } from './fixtures/test-web.ts';

let agent: FakeAgent;
let web: TestWeb;

beforeEach(async () => {
  agent = new FakeAgent();
  web = await makeTestWeb({ agent });
});
afterEach(() => web.close());

test('the agent’s problem is the answer’s status and document', async () => {
  agent.answer = () => {
    throw new ProblemError('kernel_refused', 'The kernel refused 5.', { errno: 'EINVAL', file: 'pids.max', asked: '5' });
  };
  const answer = await web.ask('PUT', '/api/v1/files/a/pids.max', 'operator', { payload: { value: 5 } });
  expect(answer.statusCode).toBe(422);
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(answer.json()).toEqual({
    type: 'urn:cgdeck:problem:kernel_refused',
    title: 'The kernel refused',
    status: 422,
    code: 'kernel_refused',
    detail: 'The kernel refused 5.',
    errno: 'EINVAL',
    file: 'pids.max',
    asked: '5',
  });
});

test('a bug is logged with its stack and answered without it', async () => {
  agent.answer = () => {
    throw new TypeError('secret detail');
  };
  const answer = await web.ask('GET', '/api/v1/groups', 'viewer');
  expect(answer.statusCode).toBe(500);
  expect(answer.body).not.toContain('secret');
  expect(web.lines.join('')).toContain('secret detail');
});

test('GET /host adds disks and operating system if known', async () => {
  const disk = { fs: '/dev/vda', type: 'ext4', mount: '/', size: 100, used: 40 };
  let reads = 0;
  const system = {
    fsSize: async () => {
      reads++;
      return [disk];
    },
    osInfo: async () => ({ distro: 'Debian', release: '12', arch: 'x64' }),
  };
  agent.answer = () => ({ kernel: '6.18' });
  const bare = await web.ask('GET', '/api/v1/host', 'viewer');
  expect(bare.json()).toEqual({ kernel: '6.18' });

  const full = await makeTestWeb({ agent, system });
  for (let i = 0; i < 2; i++) {
    const answer = await full.ask('GET', '/api/v1/host', 'viewer');
    expect(answer.json()).toEqual({
      kernel: '6.18',
      disks: [{ device: '/dev/vda', type: 'ext4', mountPoint: '/', sizeBytes: 100, usedBytes: 40 }],
      os: { name: 'Debian', release: '12', architecture: 'x64' },
    });
  }
  expect(reads).toBe(1);
  await full.close();
});

test('GET /controls is the registry', async () => {
  const answer = await web.ask('GET', '/api/v1/controls', 'viewer');
  expect(answer.json().controls).toContainEqual(expect.objectContaining({ name: 'memory.limit_in_bytes', kind: 'limit' }));
  expect(agent.asked).toEqual([]);
});

test('GET /healthz is ok only while the agent is connected', async () => {
  expect((await web.ask('GET', '/healthz')).statusCode).toBe(200);
  agent.connected = false;
  const answer = await web.ask('GET', '/healthz');
  expect(answer.statusCode).toBe(503);
  expect(answer.json()).toMatchObject({ code: 'agent_unavailable' });
});
