// Login, roles, and what each role may do.
import { once } from 'node:events';
import { request } from 'node:http';
import type { BrowserContext } from '@playwright/test';
import WebSocket from 'ws';
import { fileOf } from './by-version.ts';
import { REST } from './load.ts';
import { expect, test } from './test.ts';

const PAGES = ['/', '/group?path=%2F', '/launch', '/events', '/guards', '/files', '/login'];

test.describe('not logged in', () => {
  test.use({ as: 'guest' });

  test('every page redirects to the login, and back after it', async ({ page, server, login, complaints }) => {
    complaints.allow(/status of 401|WebSocket connection/);
    await page.goto('/launch');
    await login.isHere();
    await login.logIn(server.tokens.viewer);
    await expect(page.getByRole('heading', { name: 'Launch', level: 1 })).toBeVisible();
  });

  test('a wrong token is refused with a reason, and the right one then taken', async ({ server, login, deck, complaints }) => {
    complaints.allow(/status of 401/);
    await login.open();
    await login.logIn('not-the-token-of-this-server');
    await expect(login.refusal).toContainText('That token is wrong');
    await login.logIn(server.tokens.operator);
    await expect(deck.table).toBeVisible();
  });

  // With a login of its own: the one that tests share has to outlive it.
  test('logging out ends the session in every tab, and for a copy of its cookie', async ({
    page,
    context,
    server,
    frame,
    deck,
    login,
    complaints,
  }) => {
    complaints.allow(/status of 401|WebSocket connection/);
    await login.open();
    await login.logIn(server.tokens.operator);
    await expect(deck.table).toBeVisible();
    const cookie = await cookieOf(context);
    const other = await context.newPage();
    await other.goto(server.url);
    await frame.logOut();
    await login.isHere();
    await expect(other.getByLabel('Token')).toBeVisible();
    await page.goto('/launch');
    await login.isHere();
    expect((await fetch(`${server.url}/api/v1/session`, { headers: { cookie } })).status).toBe(401);
  });

  test('a printed link pasted into the tab that shows the login logs in, and is gone from the address', async ({
    page,
    server,
    login,
    deck,
    complaints,
  }) => {
    complaints.allow(/status of 401/);
    await login.open();
    await login.logIn('not-the-token-of-this-server');
    await expect(login.refusal).toContainText('That token is wrong');
    await page.goto(server.loginLink);
    await expect(deck.table).toBeVisible();
    expect(new URL(page.url()).hash).toBe('');
  });

  test('a broken link is reported, and is gone from the address, whether it is opened or pasted into the tab that shows the login', async ({
    page,
    login,
  }) => {
    await page.goto('/login#50%');
    await expect(login.refusal).toContainText('This is not a valid login link');
    await expect.poll(() => new URL(page.url()).hash).toBe('');
    await login.open();
    // Within the first moments of the page, before it runs, nothing takes the link: a person who pastes is later.
    await expect(async () => {
      await page.goto('/login#a%zz');
      await expect(login.refusal).toContainText('This is not a valid login link', { timeout: 2000 });
    }).toPass();
    await expect.poll(() => new URL(page.url()).hash).toBe('');
  });

  test('a printed link is valid for one login', async ({ page, browser, server, login, deck, complaints }) => {
    const link = server.loginLink;
    await page.goto(link);
    await expect(deck.table).toBeVisible();
    await expect.poll(() => server.loginLink).not.toBe(link);

    complaints.allow(/status of 401/);
    const other = await browser.newContext();
    await complaints.listen(other);
    const late = await other.newPage();
    await late.goto(link);
    await expect(late.getByRole('alert').filter({ hasText: 'This link is no longer valid' })).toBeVisible();
    expect(late.url(), 'The token leaves the address bar').toBe(`${server.url}/login`);
    await other.close();
    await login.open();
  });
});

test.describe('a viewer', () => {
  test.use({ as: 'viewer' });
  const WHY = 'You are logged in as a viewer';

  test('sees everything and can change nothing, and every control has the reason', async ({ page, kernel, deck, group, launch, run }) => {
    const { group: path } = await run({ name: 'seen', argv: REST });
    await group.open(path);
    await expect(group.actions).toContainText(WHY);
    for (const name of ['Run inside…', 'Stop…', 'Launch again', 'Freeze', 'Kill…', 'Remove…'])
      await expect(group.action(name)).toBeDisabled();
    for (const name of ['Hard limit', 'Soft limit'] as const) {
      await expect(group.thumb(name)).toBeDisabled();
      await expect(group.exactly(name)).not.toBeEditable();
    }
    await expect(group.limit('Most tasks')).not.toBeEditable();
    await group.action('Freeze').hover();
    await expect(page.getByText(WHY)).toHaveCount(2);
    const before = await kernel.settingOf(path, 'memory-hard-limit');
    await group.press('Hard limit', 'ArrowLeft', 'ArrowLeft');
    expect(await kernel.settingOf(path, 'memory-hard-limit')).toBe(before);

    await launch.open();
    await expect(launch.button).toBeDisabled();

    await deck.open();
    await expect(page.getByRole('button', { name: 'New group' })).toBeDisabled();
    await deck.filter.fill('seen');
    await deck.filter.press('Enter');
    await deck.press('End', 'f');
    expect(await kernel.isFrozen(path)).toBe(false);
  });

  test('is refused by the server too', async ({ page, server, kernel, deck, run, complaints }) => {
    complaints.allow(/status of 403/);
    const { group: path } = await run({ name: 'seen', argv: REST });
    await deck.open();
    const refused = await page.evaluate(async (group) => {
      const answer = await fetch('/api/v1/freeze', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ group }),
      });
      return { status: answer.status, problem: await answer.json() };
    }, path);
    expect(refused).toMatchObject({ status: 403, problem: { code: 'forbidden', detail: expect.stringContaining('viewer') } });
    expect(await server.api('POST', '/kill', { group: path }, 'viewer')).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await kernel.isFrozen(path)).toBe(false);
  });
});

test('a group outside the managed root is shown read-only, with the reason', async ({ server, kernel, version, group }) => {
  const path = `${server.root}-of-another`;
  await kernel.makeGroup(path);
  try {
    await group.open(path);
    await expect(group.actions).toContainText(server.root);
    for (const name of ['Freeze', 'Kill…', 'Remove…']) await expect(group.action(name)).toBeDisabled();
    await expect(group.thumb('Hard limit')).toBeDisabled();
    const refused = await server.api('PUT', `/files${path}/${fileOf('memory-hard-limit', version)}`, { value: '64M' });
    expect(refused).toMatchObject({ status: 403, body: { code: 'protected' } });
  } finally {
    await kernel.removeGroup(path);
  }
});

async function cookieOf(context: BrowserContext): Promise<string> {
  return (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
}

test('a page of another site reaches neither the API nor the stream, with a good cookie', async ({ context, server, kernel, run }) => {
  const { group: path } = await run({ name: 'aimed-at', argv: REST });
  const cookie = await cookieOf(context);
  const ask = async (headers: Record<string, string>) => {
    const asked = request(`${server.url}/api/v1/freeze`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie, ...headers },
    });
    asked.end(JSON.stringify({ group: path }));
    const [answer] = await once(asked, 'response');
    answer.resume();
    return answer.statusCode;
  };
  expect(await ask({ origin: 'http://evil.example' })).toBe(403);
  expect(await ask({ origin: server.url, host: 'evil.example' })).toBe(403);
  expect(await kernel.isFrozen(path)).toBe(false);
  expect(await ask({ origin: server.url })).toBe(200);
  expect(await kernel.isFrozen(path)).toBe(true);

  const upgrade = async (origin: string) => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/v1/stream`, { origin, headers: { cookie } });
    const outcome = await Promise.race([
      once(socket, 'open').then(() => 101),
      once(socket, 'unexpected-response').then(([, answer]) => answer.statusCode),
    ]);
    socket.on('error', () => undefined);
    socket.terminate();
    return outcome;
  };
  expect(await upgrade('http://evil.example')).toBe(403);
  expect(await upgrade(server.url)).toBe(101);
});

test('every page has a strict content policy, and obeys it', async ({ page }) => {
  for (const path of PAGES) {
    const answer = await page.goto(path);
    const policy = answer?.headers()['content-security-policy'] ?? '';
    expect(policy, path).toMatch(/default-src '(none|self)'/);
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(/script-src ([^;]*)/.exec(policy)?.[1], path).not.toMatch(/unsafe|\*|https?:/);
    await expect(page.getByRole('heading').first()).toBeVisible();
  }
});

test('a page has one address: other spellings redirect to it', async ({ page, server }) => {
  for (const [spelled, address] of [
    ['/events/?kinds=oom', '/events?kinds=oom'],
    ['/launch/', '/launch'],
    ['/files.html', '/files'],
    ['/group/?path=%2F', '/group?path=%2F'],
    ['/index.html', '/'],
  ] as const) {
    await page.goto(spelled);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await expect(page).toHaveURL(server.url + address);
  }
});

test('an unknown address has a page of its own', async ({ page, deck, complaints }) => {
  complaints.allow(/status of 404/);
  const answer = await page.goto('/no/such/page');
  expect(answer?.status()).toBe(404);
  await expect(page.getByRole('heading', { name: 'There is no such page' })).toBeVisible();
  await page.getByRole('link', { name: 'To the deck' }).click();
  await expect(deck.table).toBeVisible();
});
