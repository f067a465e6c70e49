// One attempt to deliver a message, against servers that behave and those that do not.
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import type { Destination } from '../../contract/notices.ts';
import { Addresses } from './addresses.ts';
import { deliver } from './deliver.ts';
import { hookReceiver, mailReceiver } from './fixtures/receivers.ts';
import { type Message, tryMessage } from './message.ts';

const message: Message = tryMessage('here', 'on call');
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function hook(...args: Parameters<typeof hookReceiver>) {
  const receiver = await hookReceiver(...args);
  closing.push(receiver.close);
  return receiver;
}

async function mailServer(...args: Parameters<typeof mailReceiver>) {
  const receiver = await mailReceiver(...args);
  closing.push(receiver.close);
  return receiver;
}

function webhook(url: string, token?: string): Destination {
  const to = { type: 'webhook', format: 'json', url, ...(token === undefined ? {} : { token }) } as const;
  return { id: 'a', name: 'on call', enabled: true, when: { kinds: [], groups: [], severity: 'info' }, to };
}

function mail(port: number, more: Partial<Extract<Destination['to'], { type: 'mail' }>> = {}): Destination {
  const to: Destination['to'] = { type: 'mail', host: '127.0.0.1', port, security: 'none', from: 'a@here', to: ['b@there'], ...more };
  return { id: 'a', name: 'on call', enabled: true, when: { kinds: [], groups: [], severity: 'info' }, to };
}

const local = new Addresses({ allowLocal: true });
const send = (to: Destination, { addresses = local, timeoutMs = 20_000 } = {}) =>
  deliver(to, message, { addresses, timeoutMs, signal: new AbortController().signal });

describe('a webhook', () => {
  test('gets JSON with its token, and its answer is the outcome', async () => {
    const { url, received } = await hook();
    expect(await send(webhook(`${url}/hook?a=b`, 'tk_secret'))).toEqual({ delivered: true, answer: '200 OK: ok', retry: false });
    expect(received).toEqual([
      { path: '/hook?a=b', headers: expect.anything(), body: expect.objectContaining({ host: 'here', severity: 'info' }) },
    ]);
    expect(received[0]?.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer tk_secret' });
  });

  test.each([
    [500, true],
    [503, true],
    [429, true],
    [408, true],
    [400, false],
    [404, false],
  ])('that answers %i: another attempt may help: %s', async (status, retry) => {
    const { url, answer } = await hook();
    answer((response) => response.writeHead(status).end('why'));
    expect(await send(webhook(url))).toMatchObject({ delivered: false, retry, answer: expect.stringMatching(`^${status} .*: why$`) });
  });

  test('may ask for a time to wait', async () => {
    const { url, answer } = await hook();
    answer((response) => response.writeHead(429, { 'retry-after': '7' }).end());
    expect(await send(webhook(url))).toMatchObject({ retry: true, retryAfterMs: 7000 });
  });

  test('that redirects is not followed', async () => {
    const target = await hook();
    const { url, answer } = await hook();
    answer((response) => response.writeHead(307, { location: target.url }).end());
    expect(await send(webhook(url))).toMatchObject({
      delivered: false,
      retry: false,
      answer: expect.stringContaining('redirects are not followed'),
    });
    expect(target.received).toEqual([]);
  });

  test('that never answers is given up in time, and tried again', async () => {
    const { url, answer } = await hook();
    answer(() => undefined);
    expect(await send(webhook(url), { timeoutMs: 300 })).toMatchObject({
      delivered: false,
      retry: true,
      answer: 'No answer within 0.3 s.',
    });
  });

  test('that sends its body for ever is delivered once its status is known', async () => {
    const { url, answer } = await hook();
    answer(async (response) => {
      response.writeHead(200);
      while (!response.destroyed) {
        response.write('.');
        await wait(20);
      }
    });
    expect(await send(webhook(url), { timeoutMs: 500 })).toMatchObject({ delivered: true, answer: expect.stringMatching(/^200 OK: \.+$/) });
  });

  test('that sends an endless body fast is read up to a bound', async () => {
    const { url, answer } = await hook();
    answer((response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { delivered, answer: text } = await send(webhook(url));
    expect(delivered).toBe(true);
    expect(text.length).toBeLessThanOrEqual(300);
  });

  test('that is not there is tried again', async () => {
    const { url, close } = await hookReceiver();
    await close();
    expect(await send(webhook(url))).toMatchObject({ delivered: false, retry: true, answer: expect.stringContaining('ECONNREFUSED') });
  });

  test('never has its secrets in an answer, also where it echoes what it got', async () => {
    const { url, answer } = await hook();
    const secret = 'XXXXsecretXXXX';
    answer((response, request) => response.writeHead(404).end(`Cannot POST ${request.url} for ${request.headers.authorization}`));
    const { answer: text } = await send(webhook(`${url}/services/T0001/${secret}?key=${secret}2`, 'tk_hidden'));
    expect(text).toContain('404 Not Found: Cannot POST');
    expect(text).not.toMatch(/secret|tk_hidden|T0001/);
  });
});

describe('the machine itself', () => {
  const elsewhere = (...addresses: string[]) =>
    new Addresses({
      allowLocal: false,
      own: () => ['192.0.2.7', 'fe80::1%eth0'],
      resolve: () => Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
    });

  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '[::1]',
    '0.0.0.0',
    '[::]',
    '[::ffff:127.0.0.1]',
    '0x7f.1',
    '2130706433',
    '169.254.169.254',
    '[fe80::1]',
    '192.0.2.7',
    '[::ffff:192.0.2.7]',
    '[64:ff9b::7f00:1]',
    '224.0.0.1',
    '[fd00:ec2::254]',
  ])('%s is refused with a sentence, and not tried again', async (host) => {
    const { delivered, retry, answer } = await send(webhook(`http://${host}:9/`), { addresses: elsewhere() });
    expect({ delivered, retry }).toEqual({ delivered: false, retry: false });
    expect(answer).toContain('--notify-local');
  });

  test.each([['127.0.0.1'], ['203.0.113.5', '::1'], ['8.8.8.8', '192.0.2.7']])(
    'a name that leads to %s is refused',
    async (...addresses) => {
      const { port, received } = await hook();
      const outcome = await send(webhook(`http://alerts.example:${port}/`), { addresses: elsewhere(...addresses) });
      expect(outcome).toMatchObject({ delivered: false, retry: false, answer: expect.stringContaining('alerts.example has the address') });
      expect(received).toEqual([]);
    },
  );

  test('so is a mail server', async () => {
    const { port, commands } = await mailServer();
    expect(await send(mail(port), { addresses: elsewhere() })).toMatchObject({ delivered: false, retry: false });
    expect(commands).toEqual([]);
  });

  test('a name is resolved once: what was checked is what is connected to', async () => {
    const { port, received } = await hook();
    let asked = 0;
    // The second answer would be another machine: nothing asks for it.
    const addresses = new Addresses({
      allowLocal: true,
      resolve: () => Promise.resolve([{ address: asked++ === 0 ? '127.0.0.1' : '192.0.2.1', family: 4 }]),
    });
    expect(await send(webhook(`http://alerts.example:${port}/`), { addresses })).toMatchObject({ delivered: true });
    expect([asked, received.length, received[0]?.headers.host]).toEqual([1, 1, `alerts.example:${port}`]);
  });

  test('a name server that does not answer ends in time', async () => {
    const addresses = new Addresses({ allowLocal: false, resolve: () => new Promise(() => undefined) });
    expect(await send(webhook('http://alerts.example/'), { addresses, timeoutMs: 200 })).toMatchObject({
      answer: 'No answer within 0.2 s.',
      retry: true,
    });
  });

  test.each(['10.0.0.5', '192.168.1.1', '8.8.8.8', '2001:4860:4860::8888', 'fd12::1'])('%s is another machine', async (address) => {
    expect(await elsewhere(address).of('alerts.example', new AbortController().signal)).toEqual([expect.objectContaining({ address })]);
  });
});

describe('mail', () => {
  test('is sent with a login, and the server’s answer is the outcome', async () => {
    const { port, mails, commands } = await mailServer();
    const outcome = await send(mail(port, { user: 'cgdeck', password: 'hidden-password', to: ['b@there', 'c@there'] }));
    expect(outcome).toEqual({ delivered: true, answer: '250 ok: queued', retry: false });
    expect(commands).toEqual(expect.arrayContaining(['MAIL FROM:<a@here>', 'RCPT TO:<b@there>', 'RCPT TO:<c@there>']));
    expect(mails[0]).toMatch(/^From: cgdeck <a@here>\r\nTo: b@there, c@there\r\nSubject: here: a try from cgdeck\r\n/m);
    expect(mails[0]).toContain('Auto-Submitted: auto-generated');
  });

  test.each([
    ['a wrong password', /^AUTH/, '535 no such login: hidden-password AGNnZGVjawBoaWRkZW4tcGFzc3dvcmQ=', false],
    ['an unknown address', /^RCPT/, '550 unknown', false],
    ['a full disk', /^MAIL/, '452 later', true],
  ])('%s is an answer: tried again or not, without secrets', async (_what, at, says, retry) => {
    const { port } = await mailServer((command) => (at.test(command) ? says : undefined));
    const outcome = await send(mail(port, { user: 'cgdeck', password: 'hidden-password' }));
    expect(outcome).toMatchObject({ delivered: false, retry, answer: expect.stringContaining(says.slice(0, 3)) });
    expect(outcome.answer).not.toMatch(/hidden-password|AGNnZGVjawBoaWRkZW4tcGFzc3dvcmQ=/);
  });

  test('a server that hangs at its greeting is given up in time', async () => {
    const { port } = await mailServer((command) => (command === 'greeting' ? '' : undefined));
    expect(await send(mail(port), { timeoutMs: 300 })).toMatchObject({ delivered: false, retry: true, answer: 'No answer within 0.3 s.' });
  });

  test('STARTTLS is not given up where the server has none', async () => {
    const { port, mails } = await mailServer();
    const outcome = await send(mail(port, { security: 'starttls', user: 'cgdeck', password: 'hidden-password' }));
    expect([outcome.delivered, mails]).toEqual([false, []]);
  });
});
