// Notices as a whole, by the API: who may do what, what is stored, and that no secret is shown.
import { afterEach, expect, test } from 'vitest';
import type { Event } from '../../contract/events.ts';
import type { Delivery, NoticesView, WrittenDestinationInput } from '../../contract/notices.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { makeTestWeb, type TestWeb, type TestWebOptions } from '../fixtures/test-web.ts';
import { hookReceiver } from './fixtures/receivers.ts';

const SLACK = 'https://hooks.slack.com/services/T0000/B0000/VerySecretVerySecret';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function web(notices: TestWebOptions['notices'] = {}) {
  const stored: string[] = [];
  const made = await makeTestWeb({
    notices: {
      allowLocal: true,
      store: (text) => {
        stored.push(text);
        return Promise.resolve();
      },
      ...notices,
    },
  });
  closing.push(() => made.close());
  return { web: made, stored };
}

const slack: WrittenDestinationInput = {
  id: 'a',
  name: 'on call',
  to: { type: 'webhook', format: 'slack', url: SLACK, token: 'tk_secret' },
};
const mail: WrittenDestinationInput = {
  id: 'b',
  name: 'mail',
  to: { type: 'mail', host: 'mx.example', port: 465, security: 'tls', user: 'me', password: 'pw_secret', from: 'a@here', to: ['b@there'] },
};

async function put(
  made: TestWeb,
  version: number,
  destinations: readonly WrittenDestinationInput[],
  who: 'operator' | 'viewer' = 'operator',
) {
  return await made.ask('PUT', '/api/v1/notices', who, { payload: { version, destinations } });
}

const view = async (made: TestWeb) => (await made.ask('GET', '/api/v1/notices', 'viewer')).json<NoticesView>();

test('secrets are stored and never shown; a viewer sees the rest', async () => {
  const { web: made, stored } = await web();
  const answer = await put(made, 0, [slack, mail]);
  expect(answer.statusCode).toBe(200);
  const shown = await view(made);
  expect(shown).toMatchObject({
    version: 1,
    destinations: [
      {
        id: 'a',
        enabled: true,
        when: { severity: 'warning' },
        to: { format: 'slack', host: 'hooks.slack.com', ending: 'cret', hasToken: true },
      },
      { id: 'b', to: { type: 'mail', host: 'mx.example', hasPassword: true } },
    ],
  });
  for (const text of [answer.body, JSON.stringify(shown), ...made.lines]) expect(text).not.toMatch(/VerySecret|T0000|tk_secret|pw_secret/);
  expect(stored[0]).toContain(SLACK);
});

test('what was stored is used after a restart; what is left out stays', async () => {
  const { web: first, stored } = await web();
  await put(first, 0, [slack, mail]);
  const { web: second, stored: later } = await web({ stored: stored[0] });
  const { url: _, token: __, ...to } = slack.to as Extract<typeof slack.to, { type: 'webhook' }>;
  expect((await put(second, 1, [{ ...slack, name: 'renamed', to }])).statusCode).toBe(200);
  expect(JSON.parse(later[0] ?? '')).toMatchObject({
    version: 2,
    destinations: [{ name: 'renamed', to: { url: SLACK, token: 'tk_secret' } }],
  });
});

test.each<[string, WrittenDestinationInput]>([
  ['a webhook’s token', { ...slack, to: { type: 'webhook', format: 'json', url: 'https://evil.example/services/T0000' } }],
  ['a mail password', { ...mail, to: { type: 'mail', host: 'evil.example', port: 465, security: 'tls', from: 'a@here', to: ['b@there'] } }],
  [
    'a mail password, unencrypted',
    { ...mail, to: { type: 'mail', host: 'mx.example', port: 465, security: 'none', from: 'a@here', to: ['b@there'] } },
  ],
])('%s is not sent elsewhere by a change of the host: it has to be entered again', async (_what, changed) => {
  const { web: made } = await web();
  await put(made, 0, [slack, mail]);
  const answer = await put(made, 1, [changed]);
  expect([answer.statusCode, answer.json().detail]).toEqual([400, expect.stringMatching(/needs its (token|password) again/)]);
});

test('an empty secret is removed', async () => {
  const { web: made } = await web();
  await put(made, 0, [slack]);
  await put(made, 1, [{ ...slack, to: { type: 'webhook', format: 'slack', token: '' } }]);
  expect((await view(made)).destinations).toMatchObject([{ to: { hasToken: false, host: 'hooks.slack.com' } }]);
});

test('only an operator changes or tries; of two at once one is refused', async () => {
  const { web: made } = await web();
  expect((await put(made, 0, [slack], 'viewer')).statusCode).toBe(403);
  expect((await made.ask('POST', '/api/v1/notices/try', 'viewer', { payload: { id: 'a' } })).statusCode).toBe(403);
  expect((await made.ask('GET', '/api/v1/notices')).statusCode).toBe(401);
  expect((await put(made, 0, [slack])).statusCode).toBe(200);
  expect((await put(made, 0, [mail])).json()).toMatchObject({ code: 'changed', status: 412, asked: '0', now: '1' });
  expect((await made.ask('POST', '/api/v1/notices/try', 'operator', { payload: { id: 'none' } })).statusCode).toBe(404);
});

test.each<[string, unknown]>([
  ['a URL of another protocol', { ...slack, to: { type: 'webhook', format: 'json', url: 'file:///etc/shadow' } }],
  ['no URL', { ...slack, to: { type: 'webhook', format: 'json' } }],
  ['an address with a line break', { ...mail, to: { ...mail.to, from: 'a@here\r\nBcc: c@there' } }],
  ['a host with a command', { ...mail, to: { ...mail.to, host: 'mx.example\r\nQUIT' } }],
  ['a pattern without a slash', { ...slack, when: { groups: ['docker/**'] } }],
  ['a pattern with a repeated part', { ...slack, when: { groups: ['/+(a*)b'] } }],
  ['a pattern with many **', { ...slack, when: { groups: ['/**/a/**/b/**'] } }],
  ['a pattern with many *', { ...slack, when: { groups: ['/*a*a*b'] } }],
  ['an unknown kind', { ...slack, when: { kinds: ['nothing'] } }],
  ['an unknown field', { ...slack, shell: 'true' }],
])('%s is refused, without the secret in the sentence', async (_what, destination) => {
  const { web: made } = await web();
  const answer = await put(made, 0, [destination as WrittenDestinationInput]);
  expect(answer.statusCode).toBe(400);
  expect(answer.body).not.toMatch(/VerySecret|tk_secret|pw_secret|shadow/);
});

test('the same id twice, and too many destinations, are refused', async () => {
  const { web: made } = await web();
  expect((await put(made, 0, [slack, slack])).statusCode).toBe(400);
  expect(
    (
      await put(
        made,
        0,
        Array.from({ length: 33 }, (_, i) => ({ ...slack, id: `a${i}` })),
      )
    ).statusCode,
  ).toBe(400);
});

test('where they cannot be stored nothing changes', async () => {
  const { web: made } = await web({ store: () => Promise.reject(new Error('no supervisor here')) });
  expect((await put(made, 0, [slack])).statusCode).toBe(500);
  expect((await view(made)).destinations).toEqual([]);
});

test.each(['', '{', '{"version":1}', '[]'])(
  'stored destinations that read %j are a fault that is shown, until they are entered again',
  async (text) => {
    const { web: made } = await web({ stored: text });
    expect((await view(made)).fault).toContain('damaged');
    await put(made, 0, [slack]);
    expect((await view(made)).fault).toBeUndefined();
  },
);

test('a try is sent once, and its answer is shown', async () => {
  const receiver = await hookReceiver();
  closing.push(receiver.close);
  receiver.answer((response) => response.writeHead(500).end('not today'));
  const { web: made } = await web();
  await put(made, 0, [{ ...slack, to: { type: 'webhook', format: 'slack', url: `${receiver.url}/services/a-secret-path` } }]);
  const tried = await made.ask('POST', '/api/v1/notices/try', 'operator', { payload: { id: 'a' } });
  expect(tried.json<Delivery>()).toMatchObject({ state: 'failed', attempts: 1, events: 0, answer: '500 Internal Server Error: not today' });
  expect((await view(made)).deliveries).toEqual([tried.json()]);
  expect(receiver.received).toMatchObject([
    { path: '/services/a-secret-path', body: { text: expect.stringContaining('a try from cgdeck') } },
  ]);
});

test('without the flag a destination on this machine is refused when it is tried', async () => {
  const { web: made } = await web({ allowLocal: false });
  await put(made, 0, [{ ...slack, to: { type: 'webhook', format: 'json', url: 'http://localhost:9/' } }]);
  const tried = await made.ask('POST', '/api/v1/notices/try', 'operator', { payload: { id: 'a' } });
  expect(tried.json()).toMatchObject({ state: 'failed', answer: expect.stringContaining('--notify-local') });
});

test('events go to those who want them, by kind, group and severity', async () => {
  const receiver = await hookReceiver();
  closing.push(receiver.close);
  const { web: made } = await web();
  const to = (path: string) => ({ type: 'webhook', format: 'json', url: `${receiver.url}/${path}` }) as const;
  await put(made, 0, [
    { id: 'all', name: 'all', when: { severity: 'info' }, to: to('all') },
    { id: 'grave', name: 'grave', when: { severity: 'critical' }, to: to('grave') },
    { id: 'docker', name: 'docker', when: { severity: 'info', groups: ['/docker/**'] }, to: to('docker') },
    { id: 'kinds', name: 'kinds', when: { severity: 'info', kinds: ['create'] }, to: to('kinds') },
    { id: 'off', name: 'off', enabled: false, when: { severity: 'info' }, to: to('off') },
  ]);
  const events: Event[] = [
    { id: 1, time: 1, group: '/docker/web', kind: 'create' },
    { id: 2, time: 2, group: '/a', kind: 'oom_kill', count: 1 },
  ];
  for (const event of events) made.notices.event(event);
  await eventually(() => expect(receiver.received).toHaveLength(4));
  const got = Object.fromEntries(
    receiver.received.map(({ path, body }) => [path, (body as { events: Event[] }).events.map(({ id }) => id)]),
  );
  expect(got).toEqual({ '/all': [1, 2], '/grave': [2], '/docker': [1], '/kinds': [1] });
  await eventually(async () => expect((await view(made)).deliveries.every(({ state }) => state === 'delivered')).toBe(true));
});

test('the last hundred deliveries are kept', async () => {
  const receiver = await hookReceiver();
  closing.push(receiver.close);
  const { web: made } = await web();
  await put(made, 0, [{ ...slack, to: { type: 'webhook', format: 'json', url: receiver.url } }]);
  for (let i = 0; i < 103; i++) await made.notices.try('a');
  expect((await view(made)).deliveries.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => 103 - i));
});

test.each([
  ['PUT', '/api/v1/notices', { version: 0, destinations: [slack] }],
  ['POST', '/api/v1/notices/try', { id: 'a' }],
] as const)('a key, which would protect from nothing, is refused: %s %s', async (method, path, payload) => {
  const { web: made, stored } = await web();
  const answer = await made.ask(method, path, 'operator', { payload, headers: { 'idempotency-key': '0123-key' } });
  expect(answer.statusCode).toBe(400);
  expect(answer.json()).toMatchObject({ code: 'invalid', detail: expect.stringContaining('takes no Idempotency-Key') });
  expect(stored).toEqual([]);
  const { paths } = (await made.ask('GET', '/api/v1/openapi.json')).json();
  expect(JSON.stringify(paths[path][method.toLowerCase()])).not.toMatch(/idempotency/i);
});
