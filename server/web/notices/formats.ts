// What a webhook gets: JSON of our own, or as Slack, ntfy, Discord and Alertmanager want it.

import { kindWords } from '../../contract/event-words.ts';
import type { Event } from '../../contract/events.ts';
import type { WebhookFormat } from '../../contract/notices.ts';
import { type Severity, severityOf } from '../../contract/severity.ts';
import type { Message } from './message.ts';

export interface HookRequest {
  readonly url: URL;
  readonly body: unknown;
}

/** Of a section of Slack’s, an embed’s description of Discord’s, and a message of ntfy’s (in bytes) the smallest limit is 4000. */
const LONGEST_TEXT = 3900;

function bounded(lines: readonly string[], escaped: (text: string) => string, most = LONGEST_TEXT): string {
  let text = '';
  for (const line of lines) {
    const next = `${text}${text === '' ? '' : '\n'}${escaped(line)}`;
    if (Buffer.byteLength(next) > most) return `${text}\n…`;
    text = next;
  }
  return text;
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
const forSlack = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
/** Discord’s Markdown; mentions are switched off beside it. */
const forDiscord = (text: string) => text.replace(/[\\*_~`|>#[\]()-]/g, '\\$&');

/** 0xRRGGBB, as the page shows them. */
const COLOURS: Record<Severity, number> = { info: 0x93_a0_b4, warning: 0xe0_a4_3a, critical: 0xe5_48_4d };
/** https://docs.ntfy.sh/publish/#message-priority: 3 is the default, 5 the most urgent. */
const PRIORITIES: Record<Severity, number> = { info: 3, warning: 4, critical: 5 };
const TAGS: Record<Severity, string> = { info: 'information_source', warning: 'warning', critical: 'rotating_light' };

/** Our own. */
function json(url: URL, { host, severity, title, lines, events, count, time }: Message): HookRequest {
  return { url, body: { host, severity, title, text: lines.join('\n'), time: new Date(time).toISOString(), count, events } };
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks; Mattermost and Rocket.Chat take the same. */
function slack(url: URL, { title, lines }: Message): HookRequest {
  return { url, body: { text: `*${forSlack(title)}*\n${bounded(lines, forSlack, 3000)}` } };
}

/** https://docs.ntfy.sh/publish/#publish-as-json: to the server’s root, with the topic in the body. */
function ntfy(url: URL, { severity, title, lines }: Message): HookRequest {
  const topic = decodeURIComponent(url.pathname.split('/').findLast((part) => part !== '') ?? '');
  const root = new URL(url);
  root.pathname = url.pathname.replace(/[^/]*\/*$/, '');
  return {
    url: root,
    body: { topic, title, message: bounded(lines, (text) => text), priority: PRIORITIES[severity], tags: [TAGS[severity]] },
  };
}

/** https://docs.discord.com/developers/resources/webhook#execute-webhook */
function discord(url: URL, { severity, title, lines, time }: Message): HookRequest {
  return {
    url,
    body: {
      embeds: [
        {
          title: forDiscord(title).slice(0, 256),
          description: bounded(lines, forDiscord),
          color: COLOURS[severity],
          timestamp: new Date(time).toISOString(),
        },
      ],
      allowed_mentions: { parse: [] },
    },
  };
}

/** A decision that lets a held group continue, or ends it, ends the alert of the hold. */
function alertOf(event: Event, host: string, description: string) {
  const isDecision = event.kind === 'decision';
  const isOver = isDecision && event.outcome !== 'held' && event.outcome !== 'refused';
  const time = new Date(event.time).toISOString();
  return {
    labels: {
      alertname: `cgdeck_${isDecision ? 'hold' : event.kind}`,
      severity: isDecision ? 'critical' : severityOf(event),
      instance: host,
      group: event.group,
    },
    annotations: { summary: `${kindWords[event.kind].name} in ${event.group}`, description },
    startsAt: time,
    ...(isOver ? { endsAt: time } : {}),
  };
}

/** https://prometheus.io/docs/alerting/latest/alerts_api: the same labels are the same alert, so each kind in each group is one. */
function alertmanager(url: URL, { host, severity, title, lines, events, time }: Message): HookRequest {
  const api = new URL(url);
  if (!/\/api\/v\d+\/alerts\/?$/.test(url.pathname)) api.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v2/alerts`;
  const alerts = events.map((event, index) => alertOf(event, host, lines[index] ?? title));
  const last = new Map(alerts.map((alert) => [`${alert.labels.alertname} ${alert.labels.group}`, alert]));
  const tried = {
    labels: { alertname: 'cgdeck_try', severity, instance: host },
    annotations: { summary: title, description: lines.join('\n') },
    startsAt: new Date(time).toISOString(),
  };
  return { url: api, body: events.length > 0 ? [...last.values()] : [tried] };
}

const FORMATS: Record<WebhookFormat, (url: URL, message: Message) => HookRequest> = { json, slack, ntfy, discord, alertmanager };

export function hookRequest(format: WebhookFormat, url: string, message: Message): HookRequest {
  return FORMATS[format](new URL(url), message);
}
