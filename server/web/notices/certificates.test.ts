// Certificates of destinations are verified, by the name that was entered, though the connection goes to a checked address.
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, expect, test } from 'vitest';
import type { Destination } from '../../contract/notices.ts';
import { Addresses } from './addresses.ts';
import { deliver } from './deliver.ts';
import { unsigned } from './fixtures/certificate.ts';
import { hookReceiver } from './fixtures/receivers.ts';
import { tryMessage } from './message.ts';

const usual = getCACertificates('default');
afterEach(() => setDefaultCACertificates(usual));

const addresses = new Addresses({ allowLocal: true, resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
const when: Destination['when'] = { kinds: [], groups: [], severity: 'info' };

const send = (to: Destination['to']) =>
  deliver({ id: 'a', name: 'a', enabled: true, when, to }, tryMessage('here', 'a'), {
    addresses,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  });

test('one without a signer is refused, with a reason; then the message has not left', async () => {
  const { port, received, close } = await hookReceiver(unsigned);
  const outcome = await send({ type: 'webhook', format: 'json', url: `https://alerts.example:${port}/` });
  expect([outcome.delivered, outcome.answer, received]).toEqual([false, expect.stringContaining('self-signed certificate'), []]);
  const mail = await send({ type: 'mail', host: 'alerts.example', port, security: 'tls', from: 'a@here', to: ['b@there'] });
  expect([mail.delivered, mail.answer]).toEqual([false, expect.stringContaining('self-signed certificate')]);
  await close();
});

test('one that is trusted is good for its name alone', async () => {
  setDefaultCACertificates([unsigned.cert]);
  const { port, received, close } = await hookReceiver(unsigned);
  const other = await send({ type: 'webhook', format: 'json', url: `https://other.example:${port}/` });
  expect([other.delivered, other.answer]).toEqual([false, expect.stringContaining('altnames')]);
  const mail = await send({ type: 'mail', host: 'other.example', port, security: 'tls', from: 'a@here', to: ['b@there'] });
  expect([mail.delivered, mail.answer]).toEqual([false, expect.stringContaining('altnames')]);
  expect(await send({ type: 'webhook', format: 'json', url: `https://alerts.example:${port}/` })).toMatchObject({ delivered: true });
  expect(received).toHaveLength(1);
  await close();
});
