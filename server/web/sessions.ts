// Browser sessions: a signed cookie holds the role, so that restarts end no session. Only logged-out sessions are stored.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import { z } from 'zod';
import type { EndedSession } from '../boot.ts';
import { roles } from '../contract/call.ts';
import { parseJson } from '../contract/parse-json.ts';

const LIFE_SEC = 30 * 24 * 3600;

const Session = z.object({ id: z.string(), role: z.enum(roles), expiresMs: z.number() });
export type Session = z.infer<typeof Session>;

/** The name in events and in the account's menu, such as "operator (browser 3f2a)": two browsers can be told apart, and no id is shown. */
export function browserName({ id, role }: Session): string {
  return `${role} (browser ${createHash('sha256').update(id).digest('hex').slice(0, 4)})`;
}

export interface SessionOptions {
  readonly key: string;
  /** In the cookie's name, since cookies are shared by all ports of a host. */
  readonly port: () => number;
  /** Whether browsers reach us over TLS. */
  readonly secure: boolean;
  /** Logged out and not expired yet. */
  readonly ended: readonly EndedSession[];
  /** A session was logged out: store it for the next start. */
  readonly onEnd: (session: EndedSession) => void;
  readonly now?: () => number;
}

export class Sessions {
  readonly #options: SessionOptions;
  readonly #now: () => number;
  readonly #ended: Set<string>;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#ended = new Set(options.ended.map(({ id }) => id));
  }

  get cookieName(): string {
    // Browsers take a __Host- cookie only with Secure and Path=/, from this very host.
    return `${this.#options.secure ? '__Host-' : ''}cgdeck-${this.#options.port()}`;
  }

  /** @returns a new session, and the Set-Cookie header that gives it to a browser */
  issue(role: Session['role']): { readonly session: Session; readonly cookie: string } {
    const session: Session = { id: randomBytes(12).toString('base64url'), role, expiresMs: this.#now() + LIFE_SEC * 1000 };
    const body = Buffer.from(JSON.stringify(session)).toString('base64url');
    return { session, cookie: this.#cookie(`${body}.${this.#sign(body).toString('base64url')}`, LIFE_SEC) };
  }

  /** @returns the Set-Cookie header that removes the cookie */
  clear(): string {
    return this.#cookie('', 0);
  }

  /** Makes the session's cookie invalid in every browser. */
  end({ id, expiresMs }: Session): void {
    this.#ended.add(id);
    this.#options.onEnd({ id, expiresMs });
  }

  /** The session of a Cookie header; undefined if there is none or it is not valid. */
  read(header: string | undefined): Session | undefined {
    const [body = '', signature = ''] = parseCookie(header ?? '')[this.cookieName]?.split('.') ?? [];
    const given = Buffer.from(signature, 'base64url');
    const wanted = this.#sign(body);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const session = Session.safeParse(parseJson(Buffer.from(body, 'base64url').toString()));
    return session.success && session.data.expiresMs > this.#now() && !this.#ended.has(session.data.id) ? session.data : undefined;
  }

  #sign(body: string): Buffer {
    return createHmac('sha256', this.#options.key).update(body).digest();
  }

  #cookie(value: string, maxAge: number): string {
    const { secure } = this.#options;
    return stringifySetCookie({ name: this.cookieName, value, path: '/', maxAge, httpOnly: true, sameSite: 'strict', secure });
  }
}
