// The exact bodies of each format, as the services document them.
import { describe, expect, test } from 'vitest';
import type { Event } from '../../contract/events.ts';
import { formatClock } from '../../contract/units.ts';
import { Batch } from './batch.ts';
import { hookRequest } from './formats.ts';
import { messageOf, tryMessage } from './message.ts';

const TIME = Date.UTC(2026, 10, 29, 12);
const at = formatClock(TIME);
const kill: Event = { id: 7, time: TIME, group: '/docker/web_1', kind: 'oom_kill', count: 1, victim: { pid: 42, comm: '<hog>&' } };
const near: Event = { id: 8, time: TIME, group: '/docker/web_1', kind: 'threshold', file: 'memory.high', count: 1 };

function message(...events: Event[]) {
  const batch = new Batch();
  for (const event of events) batch.add(event);
  return messageOf(batch, 'here');
}

test('json: our own, with the events as the API has them', () => {
  const { url, body } = hookRequest('json', 'https://example.org/hook', message(kill, near));
  expect(url.href).toBe('https://example.org/hook');
  expect(body).toEqual({
    host: 'here',
    severity: 'critical',
    title: 'here: OOM kill in /docker/web_1 and 1 more',
    text: `${at} OOM kill in /docker/web_1: Killed <hog>& (pid 42)\n${at} Limit reached in /docker/web_1: Over memory.high: slowed down and made to reclaim`,
    time: '2026-11-29T12:00:00.000Z',
    count: 2,
    events: [kill, near],
  });
});

test('slack: a text, its three control characters escaped', () => {
  expect(hookRequest('slack', 'https://hooks.slack.com/services/T0/B0/x', message(kill)).body).toEqual({
    text: `*here: OOM kill in /docker/web_1*\n${at} OOM kill in /docker/web_1: Killed &lt;hog&gt;&amp; (pid 42)`,
  });
});

test.each([
  ['https://ntfy.sh/my-topic', 'https://ntfy.sh/'],
  ['https://ntfy.sh/my-topic/', 'https://ntfy.sh/'],
  ['https://example.org/ntfy/my-topic', 'https://example.org/ntfy/'],
])('ntfy: %s is posted to %s, with the topic in the body', (from, to) => {
  const { url, body } = hookRequest('ntfy', from, message(kill));
  expect(url.href).toBe(to);
  expect(body).toEqual({
    topic: 'my-topic',
    title: 'here: OOM kill in /docker/web_1',
    message: `${at} OOM kill in /docker/web_1: Killed <hog>& (pid 42)`,
    priority: 5,
    tags: ['rotating_light'],
  });
});

test('discord: an embed without mentions, its Markdown escaped', () => {
  expect(hookRequest('discord', 'https://discord.com/api/webhooks/1/x', message({ ...kill, group: '/a_b' })).body).toEqual({
    embeds: [
      {
        title: 'here: OOM kill in /a\\_b',
        description: `${at} OOM kill in /a\\_b: Killed <hog\\>& \\(pid 42\\)`,
        color: 0xe5_48_4d,
        timestamp: '2026-11-29T12:00:00.000Z',
      },
    ],
    allowed_mentions: { parse: [] },
  });
});

describe('alertmanager', () => {
  test.each(['http://alerts:9093', 'http://alerts:9093/', 'http://alerts:9093/api/v2/alerts'])(
    '%s: an alert for each kind in each group',
    (from) => {
      const { url, body } = hookRequest('alertmanager', from, message(kill, near));
      expect(url.href).toBe('http://alerts:9093/api/v2/alerts');
      expect(body).toEqual([
        {
          labels: { alertname: 'cgdeck_oom_kill', severity: 'critical', instance: 'here', group: '/docker/web_1' },
          annotations: { summary: 'OOM kill in /docker/web_1', description: `${at} OOM kill in /docker/web_1: Killed <hog>& (pid 42)` },
          startsAt: '2026-11-29T12:00:00.000Z',
        },
        {
          labels: { alertname: 'cgdeck_threshold', severity: 'warning', instance: 'here', group: '/docker/web_1' },
          annotations: {
            summary: 'Limit reached in /docker/web_1',
            description: `${at} Limit reached in /docker/web_1: Over memory.high: slowed down and made to reclaim`,
          },
          startsAt: '2026-11-29T12:00:00.000Z',
        },
      ]);
    },
  );

  test.each([
    ['continues', true],
    ['killed', true],
    ['gone', true],
    ['refused', false],
    ['held', false],
  ] as const)('a decision after which the group %s: the alert of its hold is over: %s', (outcome, isOver) => {
    const decision: Event = {
      id: 9,
      time: TIME,
      group: '/a',
      kind: 'decision',
      hold: 3,
      do: 'raise',
      outcome,
      sentence: 'Raised to 1 GiB',
    };
    expect(hookRequest('alertmanager', 'http://alerts:9093', message(decision)).body).toEqual([
      {
        labels: { alertname: 'cgdeck_hold', severity: 'critical', instance: 'here', group: '/a' },
        annotations: { summary: 'Decision in /a', description: `${at} Decision in /a: Raised to 1 GiB` },
        startsAt: '2026-11-29T12:00:00.000Z',
        ...(isOver && { endsAt: '2026-11-29T12:00:00.000Z' }),
      },
    ]);
  });

  test('a try is an alert as well', () => {
    expect(hookRequest('alertmanager', 'http://alerts:9093', tryMessage('here', 'x')).body).toEqual([
      {
        labels: { alertname: 'cgdeck_try', severity: 'info', instance: 'here' },
        annotations: { summary: 'here: a try from cgdeck', description: 'Messages for “x” arrive here.' },
        startsAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
  });
});

test.each(['json', 'slack', 'ntfy', 'discord', 'alertmanager'] as const)(
  '%s: the longest message is within the service’s bounds',
  (format) => {
    const long = `/${'ü<_'.repeat(80)}/${'*'.repeat(200)}`;
    const events = Array.from({ length: 1000 }, (_, i): Event => ({ ...kill, id: i + 1, group: `${long}${i}` }));
    const { body } = hookRequest(format, 'https://example.org/x', message(...events));
    const texts = (value: unknown): string[] =>
      typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
    const most = format === 'json' ? 20_000 : 4096;
    for (const text of texts(body)) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
    expect(JSON.stringify(body)).toBe(JSON.stringify(body).toWellFormed());
  },
);
