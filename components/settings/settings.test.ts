// The form of a destination, what the browser notifies of, and the words.
import { describe, expect, test } from 'vitest';
import type { Event } from '../../server/contract/events.ts';
import { type ShownDestination, WrittenDestination } from '../../server/contract/notices.ts';
import { type DestinationForm, faultsOf, formOf, newForm, unchanged, writtenOf } from './destination-form.ts';
import { newsOf } from './news.ts';
import { whenText, whereText } from './words.ts';

const hook: ShownDestination = {
  id: 'a',
  name: 'on call',
  enabled: true,
  when: { severity: 'warning', groups: ['/docker/**', '/{a,b}'], kinds: ['oom_kill'] },
  to: { type: 'webhook', format: 'slack', host: 'hooks.slack.com', ending: 'cret', hasToken: true },
};
const mail: ShownDestination = {
  ...hook,
  when: { severity: 'critical', groups: [], kinds: [] },
  to: {
    type: 'mail',
    host: 'mx.example',
    port: 465,
    security: 'tls',
    user: 'me',
    from: 'a@here',
    to: ['b@there', 'c@there'],
    hasPassword: true,
  },
};
const filled: DestinationForm = { ...newForm('n'), name: 'ops', url: 'https://hooks.slack.com/services/x' };

describe('the form', () => {
  test.each([hook, mail])('of a stored destination, unchanged, writes the same without secrets', (shown) => {
    const written = writtenOf(formOf(shown));
    expect(written).toEqual(unchanged(shown));
    expect(WrittenDestination.parse(written)).toEqual(written);
    expect(faultsOf(formOf(shown), shown)).toEqual({});
  });

  test('of a new one writes its secrets', () => {
    expect(faultsOf(filled, undefined)).toEqual({});
    expect(writtenOf({ ...filled, token: ' tk ' })).toMatchObject({
      id: 'n',
      to: { type: 'webhook', format: 'slack', url: filled.url, token: 'tk' },
    });
  });

  test.each<[string, Partial<DestinationForm>, keyof DestinationForm]>([
    ['no name', { name: ' ' }, 'name'],
    ['no URL', { url: '' }, 'url'],
    ['a URL of another protocol', { url: 'ftp://a/' }, 'url'],
    ['a pattern without a slash', { groups: '/a docker/**' }, 'groups'],
    ['mail without a server', { way: 'mail', from: 'a@b', recipients: 'c@d' }, 'host'],
    ['mail with a port out of range', { way: 'mail', host: 'h', port: '70000', from: 'a@b', recipients: 'c@d' }, 'port'],
    ['mail without a sender', { way: 'mail', host: 'h', recipients: 'c@d' }, 'from'],
    ['mail without recipients', { way: 'mail', host: 'h', from: 'a@b' }, 'recipients'],
  ])('with %s has a fault there', (_what, change, field) => {
    expect(Object.keys(faultsOf({ ...filled, ...change }, undefined))).toEqual([field]);
  });

  test('a webhook made of a mail destination needs its URL', () => {
    expect(Object.keys(faultsOf({ ...formOf(mail), way: 'json' }, mail))).toEqual(['url']);
  });
});

test('words', () => {
  expect([whereText(hook), whenText(hook)]).toEqual(['Slack, hooks.slack.com …cret', 'Warning or worse in /docker/**, /{a,b}: OOM kill']);
  expect([whereText(mail), whenText(mail)]).toEqual(['Mail to b@there, c@there by mx.example:465', 'Critical']);
});

test('the gravest of new events is reported, with a count of the rest', () => {
  const events: Event[] = [
    { id: 1, time: 1, group: '/a', kind: 'create' },
    { id: 2, time: 1, group: '/a', kind: 'threshold', file: 'memory.high', count: 1 },
    { id: 3, time: 1, group: '/b', kind: 'oom_kill', count: 1 },
  ];
  expect(newsOf(events, 'warning')).toEqual({
    title: 'OOM kill in /b',
    body: 'The kernel killed 1 process (and 1 more)',
    severity: 'critical',
  });
  expect(newsOf(events.slice(0, 2), 'warning')).toMatchObject({ severity: 'warning' });
  expect(newsOf(events.slice(0, 2), 'critical')).toBeUndefined();
});
