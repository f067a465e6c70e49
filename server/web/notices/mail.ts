// One mail by SMTP: over a connection to a checked address, certificates verified, bounded in time.
import { connect, type Socket } from 'node:net';
import { createTransport } from 'nodemailer';
import type { Destination } from '../../contract/notices.ts';
import { type Addresses, lookupOf, unless } from './addresses.ts';
import type { Message } from './message.ts';
import type { Outcome } from './outcome.ts';

export type MailTarget = Extract<Destination['to'], { type: 'mail' }>;

export interface MailOptions {
  readonly to: MailTarget;
  readonly message: Message;
  readonly addresses: Addresses;
  /** For the whole attempt. */
  readonly signal: AbortSignal;
}

async function openSocket({ to, addresses, signal }: MailOptions): Promise<Socket> {
  const found = await addresses.of(to.host, signal);
  const socket = connect({ host: to.host, port: to.port, lookup: lookupOf(found), signal });
  const opened = Promise.withResolvers<void>();
  socket.once('connect', opened.resolve);
  socket.once('error', opened.reject);
  await opened.promise;
  socket.off('error', opened.reject);
  // Later errors are nodemailer's, and those of an abort are not awaited.
  socket.on('error', () => undefined);
  return socket;
}

/** @throws RefusedTarget; Error if it was not accepted */
export async function sendMail(options: MailOptions): Promise<Outcome> {
  const { to, message, signal } = options;
  const connection = await openSocket(options);
  try {
    const transport = createTransport({
      connection,
      host: to.host,
      port: to.port,
      secure: to.security === 'tls',
      requireTLS: to.security === 'starttls',
      ignoreTLS: to.security === 'none',
      ...(to.user === undefined ? {} : { auth: { user: to.user, pass: to.password ?? '' } }),
      maxResponseSize: 64 * 1024,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const sent = transport.sendMail({
      from: { name: 'cgdeck', address: to.from },
      to: [...to.to],
      subject: message.title,
      text: `${message.lines.join('\n')}\n`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Cgdeck-Severity': message.severity },
    });
    const { response, rejected } = await unless(signal, sent);
    const refused = rejected.length > 0 ? ` (not for ${rejected.length} of ${to.to.length} addresses)` : '';
    return { delivered: true, answer: `${response}${refused}`, retry: false };
  } finally {
    connection.destroy();
  }
}

/** Whether an error of an attempt is the server's final word (RFC 5321, 4.2.1: 5yz), as for a wrong password or an unknown address. */
export function isFinalForMail(error: unknown): boolean {
  const code = (error as { responseCode?: unknown } | null)?.responseCode;
  return typeof code === 'number' && code >= 500;
}
