// Browser sessions: a signed cookie says who it is, so that a restart of any process logs nobody out.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { roles } from '../contract/call.ts';

const LIFE_SEC = 30 * 24 * 3600;

const Session = z.object({ id: z.string(), role: z.enum(roles), expiresMs: z.number() });
export type Session = z.infer<typeof Session>;

export interface SessionOptions {
  readonly key: string;
  /** Cookies do not keep ports apart: without it, two servers on one machine would log each other out. */
  readonly port: () => number;
  /** Whether browsers reach us over TLS. */
  readonly secure: boolean;
  readonly now?: () => number;
}

/** Our values are base64url, which needs neither quotes nor escapes (RFC 6265, 4.1.1). */
function valueOfCookie(header: string, name: string): string | undefined {
  for (const pair of header.split(';')) {
    const [key, value] = pair.split('=', 2);
    if (key?.trim() === name) return value?.trim();
  }
  return undefined;
}

export class Sessions {
  readonly #options: SessionOptions;
  readonly #now: () => number;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get cookieName(): string {
    // Browsers take a __Host- cookie only with Secure and Path=/, from this very host.
    return `${this.#options.secure ? '__Host-' : ''}cgdeck-${this.#options.port()}`;
  }

  /** @returns the Set-Cookie header */
  issue(role: Session['role']): string {
    const session: Session = { id: randomBytes(12).toString('base64url'), role, expiresMs: this.#now() + LIFE_SEC * 1000 };
    const body = Buffer.from(JSON.stringify(session)).toString('base64url');
    return this.#cookie(`${body}.${this.#sign(body).toString('base64url')}`, LIFE_SEC);
  }

  /** @returns the Set-Cookie header that ends the session in this browser */
  clear(): string {
    return this.#cookie('', 0);
  }

  /** The session of a Cookie header; undefined where there is none, it is not ours, or it is over. */
  read(header: string | undefined): Session | undefined {
    if (header === undefined) return undefined;
    const [body, signature] = valueOfCookie(header, this.cookieName)?.split('.') ?? [];
    if (body === undefined || signature === undefined) return undefined;
    const given = Buffer.from(signature, 'base64url');
    const wanted = this.#sign(body);
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return undefined;
    const session = Session.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    return session.success && session.data.expiresMs > this.#now() ? session.data : undefined;
  }

  #sign(body: string): Buffer {
    return createHmac('sha256', this.#options.key).update(body).digest();
  }

  #cookie(value: string, maxAge: number): string {
    const secure = this.#options.secure ? '; Secure' : '';
    return `${this.cookieName}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure}`;
  }
}
