// Destinations without their secrets, and texts without them.

import type { Destination, ShownDestination, WrittenDestination } from '../../contract/notices.ts';
import { ProblemError } from '../../contract/problems.ts';

/** Shorter parts of a URL are words such as "services"; to hide them would make an answer unreadable. */
const SHORTEST_SECRET = 5;
/** A URL’s last characters are shown only if there are many more. */
const LONG_URL = 24;
const ENDING = 4;

export function shown({ to, ...rest }: Destination): ShownDestination {
  if (to.type === 'mail') {
    const { password, ...open } = to;
    return { ...rest, to: { ...open, hasPassword: password !== undefined } };
  }
  const { host, pathname, search } = new URL(to.url);
  const secret = `${pathname}${search}`;
  return {
    ...rest,
    to: {
      type: to.type,
      format: to.format,
      host,
      ...(secret.length >= LONG_URL ? { ending: secret.slice(-ENDING) } : {}),
      hasToken: to.token !== undefined,
    },
  };
}

const orNothing = (secret: string | undefined) => (secret === '' ? undefined : secret);

function refuse(name: string, what: string): never {
  throw new ProblemError('invalid', `“${name}” needs its ${what} again: it is only kept for the host that it was entered for.`);
}

/**
 * A destination as it was written, with the secrets of the one that it replaces: only for the same host, since who may change
 * destinations must not be able to have a stored secret sent elsewhere.
 * @throws ProblemError invalid
 */
export function completed({ to, ...rest }: WrittenDestination, before: Destination | undefined): Destination {
  const old = before?.to;
  if (to.type === 'mail') {
    const isSame = old?.type === 'mail' && old.host === to.host && old.port === to.port && old.security === to.security;
    const stored = old?.type === 'mail' ? old.password : undefined;
    if (to.password === undefined && stored !== undefined && !isSame) refuse(rest.name, 'password');
    const password = to.password === undefined ? stored : orNothing(to.password);
    const { password: _, ...open } = to;
    return { ...rest, to: { ...open, ...(password === undefined ? {} : { password }) } };
  }
  const known = old?.type === 'webhook' ? old : undefined;
  const url = to.url ?? known?.url;
  if (url === undefined) throw new ProblemError('invalid', `“${rest.name}” has no URL: enter the webhook’s.`);
  const isSame = known !== undefined && new URL(known.url).origin === new URL(url).origin;
  if (to.token === undefined && known?.token !== undefined && !isSame) refuse(rest.name, 'token');
  const token = to.token === undefined ? known?.token : orNothing(to.token);
  return { ...rest, to: { type: to.type, format: to.format, url, ...(token === undefined ? {} : { token }) } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function secretsOf({ to }: Destination): string[] {
  if (to.type === 'mail') {
    const { user = '', password } = to;
    if (password === undefined) return [];
    // As AUTH LOGIN and AUTH PLAIN send it (RFC 4954, RFC 4616).
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    return [password, base64(password), base64(`\0${user}\0${password}`)];
  }
  const { pathname, search, password, searchParams } = new URL(to.url);
  const path = pathname.split('/').filter((part) => part.length >= SHORTEST_SECRET);
  const parts = [to.url, `${pathname}${search}`, pathname, ...path, ...searchParams.values(), password, to.token ?? ''];
  return parts.flatMap((part) => [part, decoded(part)]);
}

/** A server may answer with what it was sent. */
export function withoutSecrets(text: string, destination: Destination): string {
  const secrets = [...new Set(secretsOf(destination))].filter(({ length }) => length > 1).toSorted((a, b) => b.length - a.length);
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}
