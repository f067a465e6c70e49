// Logging in, sessions, and who may come from where.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FailureLimit } from './failure-limit.ts';
import { FakeAgent, HOST, LOGIN, makeTestWeb, OPERATOR, type TestWeb, VIEWER } from './fixtures/test-web.ts';
import { Guard } from './guard.ts';
import { Sessions } from './sessions.ts';

const OWN = `http://${HOST}`;
let agent: FakeAgent;
let web: TestWeb;

beforeEach(async () => {
  agent = new FakeAgent();
  web = await makeTestWeb({ agent });
});
afterEach(() => web.close());

async function login(token: string): Promise<string> {
  const answer = await web.ask('POST', '/api/v1/login', undefined, { payload: { token } });
  expect(answer.statusCode).toBe(200);
  return String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
}

describe('login', () => {
  test('the one-time token works once, and the supervisor gets a message', async () => {
    const answer = await web.ask('POST', '/api/v1/login', undefined, { payload: { token: LOGIN } });
    expect(answer.json()).toEqual({ role: 'operator', name: expect.stringMatching(/^operator \(browser [0-9a-f]{4}\)$/) });
    expect(String(answer.headers['set-cookie'])).toMatch(/^cgdeck-7420=[\w.-]+; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(web.loginsUsed()).toBe(1);
    const again = await web.ask('POST', '/api/v1/login', undefined, { payload: { token: LOGIN } });
    expect(again.statusCode).toBe(401);
    web.tokens.renewLogin('the next');
    expect((await web.ask('POST', '/api/v1/login', undefined, { payload: { token: 'the next' } })).statusCode).toBe(200);
  });

  test('the lasting tokens log in with their own role', async () => {
    const operator = await login(OPERATOR);
    const viewer = await login(VIEWER);
    const session = async (cookie: string) => (await web.ask('GET', '/api/v1/session', undefined, { headers: { cookie } })).json();
    const [{ name }, { name: again }] = [await session(operator), await session(await login(OPERATOR))];
    expect([name, again]).toEqual(Array(2).fill(expect.stringMatching(/^operator \(browser [0-9a-f]{4}\)$/)));
    expect(name).not.toBe(again);
    expect(await session(viewer)).toEqual({ role: 'viewer', name: expect.stringMatching(/^viewer \(browser /) });
    expect(web.loginsUsed()).toBe(0);
  });

  test('after five failures wrong tokens have to wait, and the right one does not', async () => {
    const login = (token: string) => web.ask('POST', '/api/v1/login', undefined, { payload: { token } });
    for (let i = 0; i < 5; i++) expect((await login(`guess ${i}`)).statusCode).toBe(401);
    const answer = await login('guess 6');
    expect(answer.statusCode).toBe(429);
    expect(answer.json()).toMatchObject({ code: 'rate_limited', detail: expect.stringMatching(/wait \d+ s/) });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await login(OPERATOR)).statusCode).toBe(200);
  });

  test('a script with the right token is served however many wrong ones come from its address', async () => {
    const ask = (token: string) => web.ask('GET', '/api/v1/session', undefined, { headers: { authorization: `Bearer ${token}` } });
    for (let i = 0; i < 100; i++) expect((await ask(`guess-${i}`)).statusCode).toBe(401);
    expect((await ask('guess')).statusCode).toBe(429);
    expect((await ask(OPERATOR)).statusCode).toBe(200);
    expect((await ask(VIEWER)).statusCode).toBe(200);
  });

  test('a token that is short enough to be guessed waits like a wrong one', async () => {
    const short = await makeTestWeb({ operatorToken: 'hunter2' });
    const login = (token: string) => short.ask('POST', '/api/v1/login', undefined, { payload: { token } });
    for (let i = 0; i < 5; i++) await login(`guess ${i}`);
    expect((await login('hunter2')).statusCode).toBe(429);
    await short.close();
  });

  test('no token ever reaches the log', async () => {
    await login(OPERATOR);
    await web.ask('POST', '/api/v1/login', undefined, { payload: { token: 'a wrong secret' } });
    await web.ask('GET', '/api/v1/groups', undefined, { headers: { authorization: 'Bearer a-wrong-secret' } });
    expect(web.lines.length).toBeGreaterThan(1);
    expect(web.lines.join('')).not.toMatch(/secret|operator-token/);
  });
});

describe('sessions', () => {
  test('logout ends the cookie', async () => {
    const answer = await web.ask('POST', '/api/v1/logout', undefined, { payload: {} });
    expect(answer.headers['set-cookie']).toMatch(/^cgdeck-7420=; Max-Age=0; Path=\//);
  });

  test('logout ends the session for everybody who has its cookie, also after a restart, and no other session', async () => {
    const [cookie, other] = [await login(OPERATOR), await login(OPERATOR)];
    const session = (of: string, at = web) => at.ask('GET', '/api/v1/session', undefined, { headers: { cookie: of } });
    await web.ask('POST', '/api/v1/logout', undefined, { headers: { cookie, origin: OWN } });
    expect((await session(cookie)).statusCode).toBe(401);
    expect((await session(other)).statusCode).toBe(200);

    expect(web.endedSessions).toHaveLength(1);
    const restarted = await makeTestWeb({ endedSessions: web.endedSessions });
    expect((await session(cookie, restarted)).statusCode).toBe(401);
    expect((await session(other, restarted)).statusCode).toBe(200);
    await restarted.close();
  });

  test('a forged, foreign or expired cookie is none', () => {
    let now = 1_000_000;
    const options = { port: () => 7420, secure: false, ended: [], onEnd: () => undefined, now: () => now };
    const sessions = new Sessions({ ...options, key: 'ours' });
    const cookie = sessions.issue('viewer').cookie.split(';', 1)[0] ?? '';
    expect(sessions.read(`other=1; ${cookie}; more=2`)?.role).toBe('viewer');
    expect(new Sessions({ ...options, key: 'theirs' }).read(cookie)).toBeUndefined();
    const [name, value = ''] = cookie.split('=');
    const [body = '', signature] = value.split('.');
    const forged = Buffer.from(Buffer.from(body, 'base64url').toString().replace('viewer', 'operator')).toString('base64url');
    for (const wrong of ['', 'x', '.', `${body}.`, `${forged}.${signature}`, `${body}.${signature}x`]) {
      expect(sessions.read(`${name}=${wrong}`)).toBeUndefined();
    }
    now += 30 * 24 * 3600 * 1000;
    expect(sessions.read(cookie)).toBeUndefined();
  });

  test('behind TLS the cookie is Secure and bound to this host', () => {
    const sessions = new Sessions({ key: 'k', port: () => 7420, secure: true, ended: [], onEnd: () => undefined });
    expect(sessions.issue('operator').cookie).toMatch(/^__Host-cgdeck-7420=.*; Path=\/;.*; Secure/);
  });

  test('with a cookie, only our own page may act', async () => {
    const cookie = await login(OPERATOR);
    const freeze = (headers: Record<string, string>) =>
      web.ask('POST', '/api/v1/freeze', undefined, { payload: { group: '/a' }, headers: { cookie, ...headers } });
    expect((await freeze({})).statusCode).toBe(403);
    expect((await freeze({ 'sec-fetch-site': 'same-site' })).statusCode).toBe(403);
    expect((await freeze({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
    expect((await freeze({ origin: OWN })).statusCode).toBe(200);
    expect(agent.asked.map(({ by }) => by.name)).toEqual(Array(2).fill(expect.stringMatching(/^operator \(browser /)));
  });

  test('a wrong token is not made good by a cookie', async () => {
    const cookie = await login(OPERATOR);
    const answer = await web.ask('GET', '/api/v1/session', undefined, { headers: { cookie, authorization: 'Bearer wrong' } });
    expect(answer.statusCode).toBe(401);
  });
});

describe('Host and Origin', () => {
  test.each([
    ['127.0.0.1:7420', 200],
    ['localhost:7420', 200],
    ['[::1]:7420', 200],
    ['LOCALHOST:7420', 200],
    ['localhost:7421', 403],
    ['localhost', 403],
    ['evil.example:7420', 403],
    ['127.0.0.1:7420@evil', 403],
    ['', 403],
  ])('Host "%s" -> %i', async (host, status) => {
    for (const url of ['/healthz', '/', '/api/v1/groups', '/metrics']) {
      expect((await web.ask('GET', url, 'operator', { headers: { host } })).statusCode).toBe(status);
    }
  });

  test.each([
    [OWN, 200],
    ['http://localhost:7420', 403],
    ['https://127.0.0.1:7420', 403],
    ['http://127.0.0.1:3000', 403],
    ['https://evil.example', 403],
    ['null', 403],
    ['', 403],
  ])('Origin "%s" -> %i', async (origin, status) => {
    const answer = await web.ask('GET', '/api/v1/groups', 'operator', { headers: { origin } });
    expect(answer.statusCode).toBe(status);
  });

  test('behind a proxy, what it forwards counts', () => {
    const guard = new Guard({ listenHost: '127.0.0.1', port: () => 7420, tls: false, behindProxy: true });
    const forwarded = { host: HOST, 'x-forwarded-host': 'deck.example' };
    expect(() => guard.check({ ...forwarded, origin: 'https://deck.example' })).not.toThrow();
    expect(() => guard.check({ ...forwarded, origin: 'https://evil.example' })).toThrow(/another site/);
    expect(() => guard.check({ host: 'deck.example', origin: 'https://deck.example' })).not.toThrow();
  });

  test('on every address: addresses and certified names', () => {
    const guard = new Guard({
      listenHost: '0.0.0.0',
      port: () => 443,
      tls: true,
      behindProxy: false,
      isCertified: (name) => name === 'deck.example',
    });
    for (const host of ['192.0.2.7', '[2001:db8::1]', 'deck.example', 'deck.example:443', 'localhost']) {
      expect(() => guard.check({ host, origin: `https://${host}` })).not.toThrow();
    }
    expect(() => guard.check({ host: 'other.example' })).toThrow(/not "other.example"/);
  });
});

describe('the limit on failures', () => {
  test('counts per network, forgets after a minute, and has a common budget', () => {
    let now = 0;
    const limit = new FailureLimit({ perAddress: 2, together: 5 }, () => now);
    for (const address of ['2001:db8::1', '2001:0db8:0:0:ffff::2']) limit.failed(address);
    expect(() => limit.check('2001:db8::3')).toThrow(/Too many/);
    expect(() => limit.check('2001:db8:0:1::3')).not.toThrow();
    for (const address of ['10.0.0.1', '::ffff:10.0.0.1']) limit.failed(address);
    expect(() => limit.check('10.0.0.1')).toThrow(/Too many/);
    limit.failed('10.0.0.2');
    expect(() => limit.check('10.0.0.3')).toThrow(/Too many/);
    now = 60_000;
    for (const address of ['10.0.0.1', '10.0.0.3', '2001:db8::3']) expect(() => limit.check(address)).not.toThrow();
  });

  test('a forwarded address counts behind a proxy only, and of several the one that the proxy saw', async () => {
    const proxied = await makeTestWeb({ guard: { behindProxy: true } });
    const guess = (forwarded: string) =>
      proxied.ask('POST', '/api/v1/login', undefined, { payload: { token: 'guess' }, headers: { 'x-forwarded-for': forwarded } });
    for (let i = 0; i < 5; i++) await guess(`10.9.9.${i}, 192.0.2.1`);
    expect((await guess('192.0.2.1')).statusCode).toBe(429);
    expect((await guess('192.0.2.2')).statusCode).toBe(401);
    await proxied.close();
    const guessDirect = (forwarded: string) =>
      web.ask('POST', '/api/v1/login', undefined, { payload: { token: 'guess' }, headers: { 'x-forwarded-for': forwarded } });
    for (let i = 0; i < 5; i++) await guessDirect(`192.0.2.${i}`);
    expect((await guessDirect('192.0.2.9')).statusCode).toBe(429);
  });
});
