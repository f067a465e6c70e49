// Refuses requests for other hosts (DNS rebinding) and from pages of other sites.
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { ProblemError } from '../contract/problems.ts';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const EVERY_ADDRESS = new Set(['0.0.0.0', '::']);
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^:/@[\]\s]+)(?::(\d{1,5}))?$/i;

export interface GuardOptions {
  readonly listenHost: string;
  /** With port 0 known only once the server listens. */
  readonly port: () => number;
  readonly tls: boolean;
  readonly behindProxy: boolean;
  /** Whether the certificate is valid for the name. */
  readonly isCertified?: (name: string) => boolean;
}

type Headers = Pick<IncomingHttpHeaders, 'host' | 'origin'> & { readonly [name: string]: string | string[] | undefined };

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host.toLowerCase();
}

function first(header: string | string[] | undefined): string | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  return text?.split(',', 1)[0]?.trim();
}

export class Guard {
  readonly #options: GuardOptions;

  constructor(options: GuardOptions) {
    this.#options = options;
  }

  /** @throws ProblemError forbidden */
  check(headers: Headers): void {
    const host = this.#hostOf(headers);
    if (host === undefined || !this.#isOurs(host)) {
      const { listenHost, port } = this.#options;
      const own = EVERY_ADDRESS.has(listenHost) ? '127.0.0.1' : bracketed(listenHost);
      throw new ProblemError('forbidden', `This server is not "${(host ?? '').slice(0, 100)}": open it as ${own}:${port()}.`);
    }
    if (headers.origin !== undefined && !this.#isOwnOrigin(headers.origin, host)) {
      const hint = this.#options.behindProxy ? ' If it is your own, let the proxy send X-Forwarded-Host.' : '';
      throw new ProblemError('forbidden', `A page of another site (${headers.origin.slice(0, 100)}) may not use this server.${hint}`);
    }
  }

  /** Whether the request is from our own page. Any Origin was checked before. */
  isFromOwnPage(headers: Headers): boolean {
    return headers.origin !== undefined || headers['sec-fetch-site'] === 'same-origin';
  }

  #hostOf(headers: Headers): string | undefined {
    const forwarded = this.#options.behindProxy ? first(headers['x-forwarded-host']) : undefined;
    return (forwarded ?? headers.host)?.toLowerCase();
  }

  #isOurs(host: string): boolean {
    const { listenHost, port, tls, behindProxy, isCertified } = this.#options;
    const [, name, portText] = AUTHORITY.exec(host) ?? [];
    if (name === undefined) return false;
    // Only the proxy knows its own name and port.
    if (behindProxy) return true;
    if (Number(portText ?? (tls ? 443 : 80)) !== port()) return false;
    if (LOOPBACK.has(name) || name === bracketed(listenHost)) return true;
    // DNS rebinding needs a name: an address is safe.
    if (EVERY_ADDRESS.has(listenHost) && isIP(name.replace(/^\[|\]$/g, '')) !== 0) return true;
    return isCertified?.(name) ?? false;
  }

  #isOwnOrigin(origin: string, host: string): boolean {
    if (!URL.canParse(origin)) return false;
    const { protocol, host: asked } = new URL(origin);
    if (protocol !== 'http:' && protocol !== 'https:') return false;
    if (!this.#options.behindProxy && protocol !== (this.#options.tls ? 'https:' : 'http:')) return false;
    // Both may omit the scheme's default port.
    return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === asked;
  }
}
