// The Content-Security-Policy of a page: nothing but what we serve, and of inline code only what the build put there, by its hash.
import { createHash } from 'node:crypto';

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi;
const INLINE_STYLE = /<style[^>]*>([\s\S]*?)<\/style>/gi;

function hashes(html: string, inline: RegExp): string {
  const found = new Set<string>();
  for (const [, code = ''] of html.matchAll(inline)) found.add(` 'sha256-${createHash('sha256').update(code).digest('base64')}'`);
  return [...found].join('');
}

/** Charts and virtual lists place things by style attributes, which no hash can name. */
export function contentPolicy(html: string): string {
  return [
    "default-src 'none'",
    `script-src 'self'${hashes(html, INLINE_SCRIPT)}`,
    `style-src 'self'${hashes(html, INLINE_STYLE)}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
