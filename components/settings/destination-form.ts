// The form of a destination as plain data: from what is shown, and to what is written, with its faults.
import type { EventKind } from '../../server/contract/events.ts';
import type { ShownDestination, WebhookFormat, WrittenDestinationInput } from '../../server/contract/notices.ts';
import type { Severity } from '../../server/contract/severity.ts';

export type Way = WebhookFormat | 'mail';
export type MailSecurity = 'tls' | 'starttls' | 'none';

export interface DestinationForm {
  readonly id: string;
  readonly name: string;
  readonly way: Way;
  /** Empty: as it is stored. */
  readonly url: string;
  readonly token: string;
  readonly host: string;
  readonly port: string;
  readonly security: MailSecurity;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly recipients: string;
  readonly severity: Severity;
  readonly groups: string;
  readonly kinds: ReadonlySet<EventKind>;
  readonly enabled: boolean;
}

export type FormFaults = { readonly [F in keyof DestinationForm]?: string };

const EMPTY: Omit<DestinationForm, 'id'> = {
  name: '',
  way: 'slack',
  url: '',
  token: '',
  host: '',
  port: '587',
  security: 'starttls',
  user: '',
  password: '',
  from: '',
  recipients: '',
  severity: 'warning',
  groups: '',
  kinds: new Set(),
  enabled: true,
};

/** The usual port of each (RFC 8314, RFC 6409, RFC 5321). */
export const MAIL_PORTS: Record<MailSecurity, string> = { tls: '465', starttls: '587', none: '25' };

export function newForm(id: string): DestinationForm {
  return { ...EMPTY, id };
}

export function formOf({ id, name, enabled, when, to }: ShownDestination): DestinationForm {
  const common = { ...EMPTY, id, name, enabled, severity: when.severity, groups: when.groups.join(' '), kinds: new Set(when.kinds) };
  if (to.type === 'webhook') return { ...common, way: to.format };
  const { host, port, security, user = '', from } = to;
  return { ...common, way: 'mail', host, port: String(port), security, user, from, recipients: to.to.join(' ') };
}

/** Blanks and commas separate; a comma in braces belongs to a pattern. */
const wordsOf = (text: string) => text.match(/(?:\{[^}]*\}|[^\s,])+/g) ?? [];

const isUrl = (text: string) => /^https?:$/.test(URL.parse(text)?.protocol ?? '');

function mailFaults({ host, port, from, recipients }: DestinationForm): FormFaults {
  const isAddress = (text: string) => /^[^\s@]+@[^\s@]+$/.test(text);
  return {
    ...(host.trim() === '' && { host: 'Enter the mail server’s name.' }),
    ...(!(Number(port) >= 1 && Number(port) <= 65_535) && { port: 'A port, from 1 to 65535.' }),
    ...(!isAddress(from.trim()) && { from: 'Enter an address, such as cgdeck@example.org.' }),
    ...((wordsOf(recipients).length === 0 || !wordsOf(recipients).every(isAddress)) && {
      recipients: 'Enter addresses, separated by blanks.',
    }),
  };
}

/** @param before what is stored: then a URL that is left empty stays */
export function faultsOf(form: DestinationForm, before: ShownDestination | undefined): FormFaults {
  const stored = before?.to.type === 'webhook';
  const needsUrl = form.url.trim() === '' ? !stored : !isUrl(form.url.trim());
  return {
    ...(form.name.trim() === '' && { name: 'Enter a name.' }),
    ...(wordsOf(form.groups).some((pattern) => !pattern.startsWith('/')) && {
      groups: 'Patterns of group paths begin with a slash, such as /docker/**.',
    }),
    ...(form.way === 'mail' ? mailFaults(form) : needsUrl && { url: 'Enter the webhook’s URL, which begins with https:// or http://.' }),
  };
}

/** A secret that was left empty is left out, and so stays as it is stored. */
const secret = <K extends string>(key: K, text: string) => (text === '' ? {} : ({ [key]: text } as Record<K, string>));

export function writtenOf(form: DestinationForm): WrittenDestinationInput {
  const { id, enabled, way, severity, security } = form;
  const to: WrittenDestinationInput['to'] =
    way === 'mail'
      ? {
          type: 'mail',
          host: form.host.trim(),
          port: Number(form.port),
          security,
          ...(form.user.trim() === '' ? {} : { user: form.user.trim() }),
          ...secret('password', form.password),
          from: form.from.trim(),
          to: wordsOf(form.recipients),
        }
      : { type: 'webhook', format: way, ...secret('url', form.url.trim()), ...secret('token', form.token.trim()) };
  return { id, name: form.name.trim(), enabled, when: { severity, groups: wordsOf(form.groups), kinds: [...form.kinds] }, to };
}

/** A destination that is shown, as it is written back unchanged: without its secrets, which stay. */
export function unchanged({ to, ...rest }: ShownDestination): WrittenDestinationInput {
  if (to.type === 'webhook') return { ...rest, to: { type: to.type, format: to.format } };
  const { hasPassword: _, ...mail } = to;
  return { ...rest, to: mail };
}
