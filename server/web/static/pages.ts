// The UI as the build left it in out/: read once, served from memory, found under clean addresses.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemError } from '../../contract/problems.ts';
import { Asset } from './asset.ts';

const NOT_FOUND = '/404.html';

/** The one address of a page: /index.html -> /, /group.html -> /group. */
const addressOf = (file: string) => (file === '/index.html' ? '/' : file.replace(/\.html$/, ''));

function searchOf(url: string): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start);
}

function listsTag(header: string | undefined, tag: string): boolean {
  return header?.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag) ?? false;
}

export class Pages {
  readonly #assets = new Map<string, Asset>();

  /** @param folder the build's output; where there is none, only the API is served */
  constructor(folder: string) {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const url = file.slice(folder.length).replace(/^\/*/, '/');
      this.#assets.set(url, new Asset(url, readFileSync(file)));
    }
  }

  get isEmpty(): boolean {
    return this.#assets.size === 0;
  }

  /** @throws ProblemError not_found, where the UI was not built */
  async answer(path: string, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const file = this.#find(path);
    // A page reads its own address: under another spelling it would not be what the build made, and a person would have two of it.
    if (file?.endsWith('.html') && addressOf(file) !== path) return reply.redirect(addressOf(file) + searchOf(request.url), 308);
    const found = file === undefined ? undefined : this.#assets.get(file);
    const asset = found ?? this.#assets.get(NOT_FOUND);
    if (!asset) throw new ProblemError('not_found', `There is no page ${path} here${this.isEmpty ? ': the UI has not been built' : ''}.`);
    const encoding = asset.encodingFor(request.headers['accept-encoding']);
    const etag = asset.etag(encoding);
    reply.headers({ etag, vary: 'accept-encoding', 'cache-control': found ? asset.cacheControl : 'no-cache' });
    if (asset.policy !== undefined) reply.header('content-security-policy', asset.policy);
    if (found && listsTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
    if (encoding !== 'identity') reply.header('content-encoding', encoding);
    const body = await asset.body(encoding);
    reply.code(found ? 200 : 404).type(asset.type);
    // Fastify would send the body to a HEAD as well: this is no HEAD route of its own making.
    return request.method === 'HEAD' ? reply.header('content-length', body.length).send() : reply.send(body);
  }

  /** The file behind an address, however it is spelled: /group, /group/ and /group.html are /group.html; never anything that the build did not make. */
  #find(path: string): string | undefined {
    let name: string;
    try {
      name = decodeURIComponent(path);
    } catch {
      return undefined;
    }
    const clean = name.length > 1 ? name.replace(/\/$/, '') : name;
    const file = [name, clean === '/' ? '/index.html' : `${clean}.html`].find((each) => this.#assets.has(each));
    return file === NOT_FOUND ? undefined : file;
  }
}
