// The pages from memory: clean addresses, compression, caching, and a content policy of their own.
import { createHash } from 'node:crypto';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTestWeb, type TestWeb } from '../fixtures/test-web.ts';

let web: TestWeb;

beforeEach(async () => {
  web = await makeTestWeb();
});
afterEach(() => web.close());

const get = (url: string, headers: Record<string, string> = {}) => web.ask('GET', url, undefined, { headers });

test.each([
  ['/', 200, 'inline()'],
  ['/group', 200, 'group'],
  ['/group?path=/cgdeck/web', 200, 'group'],
  ['/nope', 404, 'not here'],
  ['/nope/', 404, 'not here'],
  ['/404', 404, 'not here'],
  ['/404.html', 404, 'not here'],
  ['/group/../../../../etc/passwd', 404, 'not here'],
  ['/%2e%2e%2fpackage.json', 404, 'not here'],
  ['/__proto__', 404, 'not here'],
])('GET %s -> %i', async (url, status, part) => {
  const answer = await get(url);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  expect(answer.body).toContain(part);
  expect(answer.headers['cache-control']).toBe('no-cache');
});

test.each([
  ['/index.html', '/'],
  ['/index', '/'],
  ['/group/', '/group'],
  ['/group.html', '/group'],
  ['/%67roup', '/group'],
  ['/group/?path=/cgdeck/web&x=%2F', '/group?path=/cgdeck/web&x=%2F'],
])('GET %s leads to the page’s one address, %s', async (url, address) => {
  const answer = await get(url);
  expect(answer.statusCode).toBe(308);
  expect(answer.headers.location).toBe(address);
});

test.each(['//elsewhere.example/', '//elsewhere.example/group/', '/\\elsewhere.example/', '//group/'])(
  'GET %s leads nowhere',
  async (url) => {
    const answer = await get(url);
    expect(answer.headers.location).toBeUndefined();
  },
);

test('compressed as the browser takes it, from the same text', async () => {
  const plain = await get('/_next/static/a.js');
  const brotli = await get('/_next/static/a.js', { 'accept-encoding': 'gzip, deflate, br' });
  const gzip = await get('/_next/static/a.js', { 'accept-encoding': 'gzip, br;q=0' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(brotli.headers['content-encoding']).toBe('br');
  expect(gzip.headers['content-encoding']).toBe('gzip');
  expect(brotliDecompressSync(brotli.rawPayload).toString()).toBe(plain.body);
  expect(gunzipSync(gzip.rawPayload).toString()).toBe(plain.body);
  expect(brotli.headers.vary).toBe('accept-encoding');
  expect(new Set([plain, brotli, gzip].map(({ headers }) => headers.etag)).size).toBe(3);
  expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
});

test('what the browser has already is not sent again', async () => {
  const first = await get('/');
  const again = await get('/', { 'if-none-match': `"other", W/${first.headers.etag}` });
  expect(again.statusCode).toBe(304);
  expect(again.body).toBe('');
  expect(again.headers.etag).toBe(first.headers.etag);
  expect((await get('/', { 'if-none-match': '"other"' })).statusCode).toBe(200);
});

test('HEAD answers the length and sends nothing', async () => {
  const answer = await web.ask('HEAD', '/group');
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe('');
  expect(answer.headers['content-length']).toBe(String('<html>group</html>'.length));
});

test('each page lets its own inline scripts run and nothing else', async () => {
  const policy = String((await get('/')).headers['content-security-policy']);
  const hash = createHash('sha256').update('inline()').digest('base64');
  expect(policy).toContain(`script-src 'self' 'sha256-${hash}';`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("style-src 'self'; style-src-attr 'unsafe-inline'");
  expect(String((await get('/group')).headers['content-security-policy'])).toContain("script-src 'self';");
});

test.each(['/', '/nope', '/_next/static/a.js', '/api/v1/groups', '/api/v1/nope', '/healthz'])(
  '%s carries the security headers',
  async (url) => {
    const { headers } = await get(url);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    });
  },
);

test('without a built UI the answer explains that', async () => {
  const bare = await makeTestWeb({ pages: {} });
  const answer = await bare.ask('GET', '/');
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'not_found', detail: expect.stringContaining('has not been built') });
  await bare.close();
});
