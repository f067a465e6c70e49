// One file of the UI, held in memory, with its compressed forms made once when first asked for.
import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { contentPolicy } from './content-policy.ts';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};
const COMPRESSIBLE = /^(text\/|application\/(json|manifest)|image\/svg)/;
/** Below that, a compressed answer is not shorter on the wire. */
const WORTH_BYTES = 1024;
/** Nearly as small as 11, in a tenth of its time. */
const BROTLI_QUALITY = 9;
/** Its name holds its content's hash, so it never changes. */
const IMMUTABLE = '/_next/static/';

export type Encoding = 'br' | 'gzip' | 'identity';

const compress = {
  br: (body: Buffer) =>
    promisify(brotliCompress)(body, {
      params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: body.length },
    }),
  gzip: (body: Buffer) => promisify(gzip)(body),
} as const;

export class Asset {
  readonly type: string;
  readonly cacheControl: string;
  /** Only pages have one. */
  readonly policy: string | undefined;
  readonly #body: Buffer;
  readonly #hash: string;
  readonly #compressed = new Map<Encoding, Promise<Buffer>>();

  constructor(url: string, body: Buffer) {
    this.#body = body;
    this.#hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
    this.type = TYPES[extname(url)] ?? 'application/octet-stream';
    this.cacheControl = url.startsWith(IMMUTABLE) ? 'public, max-age=31536000, immutable' : 'no-cache';
    this.policy = extname(url) === '.html' ? contentPolicy(body.toString('utf8')) : undefined;
  }

  /** The best encoding of those that the browser takes (Accept-Encoding, RFC 9110 12.5.3). */
  encodingFor(accepted: string | undefined): Encoding {
    if (accepted === undefined || this.#body.length < WORTH_BYTES || !COMPRESSIBLE.test(this.type)) return 'identity';
    const takes = (name: string) =>
      accepted.split(',').some((part) => {
        const [coding, ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
        return coding === name && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
      });
    if (takes('br')) return 'br';
    return takes('gzip') ? 'gzip' : 'identity';
  }

  etag(encoding: Encoding): string {
    return encoding === 'identity' ? `"${this.#hash}"` : `"${this.#hash}-${encoding}"`;
  }

  async body(encoding: Encoding): Promise<Buffer> {
    if (encoding === 'identity') return this.#body;
    const known = this.#compressed.get(encoding) ?? compress[encoding](this.#body);
    this.#compressed.set(encoding, known);
    return known;
  }
}
