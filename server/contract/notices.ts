// Notices: where messages about events are sent to when no page is open, which events, and what became of the last ones.

import { z } from 'zod';
import { eventKinds } from './event-kinds.ts';
import { patternFault } from './group-pattern.ts';
import { severities } from './severity.ts';

/** What is sent to a webhook. */
export const webhookFormats = ['json', 'slack', 'ntfy', 'discord', 'alertmanager'] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** How mail is encrypted: TLS from the start (port 465), after STARTTLS (port 587, refused without), or not at all. */
export const mailSecurities = ['tls', 'starttls', 'none'] as const;

/** A text in one line. */
const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}]*$/u, 'contains a control character');
const Secret = z.string().max(4096);
const MailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+$/, 'is not a mail address');

function urlFault(text: string): string | undefined {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'is not an address that begins with https:// or http://';
  return url.hostname === '' ? 'has no host' : undefined;
}

/** Not echoed in refusals: it may be a secret as a whole. */
const HookUrl = z
  .string()
  .max(4096)
  .superRefine((text, context) => {
    const fault = urlFault(text);
    if (fault) context.addIssue({ code: 'custom', message: `The webhook’s URL ${fault}.` });
  });

/** Which events are sent; an empty list selects all. */
const When = z.strictObject({
  kinds: z.array(z.enum(eventKinds)).max(eventKinds.length).default([]),
  /** Globs of group paths, such as /docker/**. */
  groups: z
    .array(
      line(512).superRefine((pattern, context) => {
        const fault = patternFault(pattern);
        if (fault) context.addIssue({ code: 'custom', message: fault });
      }),
    )
    .max(64)
    .default([]),
  severity: z.enum(severities).default('warning'),
});
export type When = z.infer<typeof When>;

const WebhookBase = { type: z.literal('webhook'), format: z.enum(webhookFormats) };
const MailBase = {
  type: z.literal('mail'),
  host: line(253).regex(/^[\w.:-]+$/, 'is not a host'),
  port: z.int().min(1).max(65_535),
  security: z.enum(mailSecurities),
  /** Absent: without a login. */
  user: line(256).optional(),
  from: MailAddress,
  to: z.array(MailAddress).min(1).max(20),
};
const Base = {
  /** Any word; the same for as long as it is the same destination. */
  id: z.string().regex(/^[\w-]{1,64}$/, 'is not an id: 1 to 64 letters, digits, - and _'),
  name: line(80),
  enabled: z.boolean().default(true),
  when: When.prefault({}),
};

/** A destination with its secrets, as it is stored. */
export const Destination = z.strictObject({
  ...Base,
  to: z.discriminatedUnion('type', [
    z.strictObject({ ...WebhookBase, url: HookUrl, token: Secret.optional() }),
    z.strictObject({ ...MailBase, password: Secret.optional() }),
  ]),
});
export type Destination = z.infer<typeof Destination>;

/** As it is written: a secret that is absent stays as it is, as long as the host does; an empty one is removed. */
export const WrittenDestination = z.strictObject({
  ...Base,
  to: z.discriminatedUnion('type', [
    z.strictObject({
      ...WebhookBase,
      url: HookUrl.optional(),
      /** Sent as "Authorization: Bearer". */
      token: Secret.optional(),
    }),
    z.strictObject({ ...MailBase, password: Secret.optional() }),
  ]),
});
export type WrittenDestination = z.infer<typeof WrittenDestination>;
export type WrittenDestinationInput = z.input<typeof WrittenDestination>;

/** As it is shown, to everybody: without secrets. */
export const ShownDestination = z.object({
  ...Base,
  to: z.discriminatedUnion('type', [
    z.object({
      ...WebhookBase,
      /** With its port, if it is not the usual one. */
      host: z.string(),
      /** The last four characters of a long URL, to tell it from others. */
      ending: z.string().optional(),
      hasToken: z.boolean(),
    }),
    z.object({ ...MailBase, hasPassword: z.boolean() }),
  ]),
});
export type ShownDestination = z.infer<typeof ShownDestination>;

/** retrying: it failed and is tried again; failed: it was given up. */
export const deliveryStates = ['sending', 'retrying', 'delivered', 'failed'] as const;

/** A message, and what became of it. */
export const Delivery = z.object({
  /** Grows with each message since the web process started. */
  id: z.int(),
  destination: z.string(),
  name: z.string(),
  /** When it was first sent: wall clock, ms. */
  time: z.number(),
  title: z.string(),
  /** How many events it has; 0 for a try. */
  events: z.int(),
  state: z.enum(deliveryStates),
  attempts: z.int(),
  /** The last answer, or why there was none. */
  answer: z.string().optional(),
  /** When it is tried again: wall clock, ms. */
  nextTime: z.number().optional(),
});
export type Delivery = z.infer<typeof Delivery>;

export const MOST_DESTINATIONS = 32;

export const NoticesView = z.object({
  /** Of the destinations; a write names the one that it replaces. */
  version: z.int(),
  destinations: z.array(ShownDestination),
  /** The last ones since the web process started, newest first. */
  deliveries: z.array(Delivery),
  /** Whether destinations on this machine are allowed (--notify-local). */
  local: z.boolean(),
  /** Why the stored destinations could not be read, in a sentence. */
  fault: z.string().optional(),
});
export type NoticesView = z.infer<typeof NoticesView>;
