// The size of each page's first view: the JavaScript and CSS that its document names, compressed as they are served. Sizes, no times.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { expect, test } from '@playwright/test';

const PAGES = join(import.meta.dirname, '../out');
const MOST_BYTES = 250_000;

/** Scripts for browsers without modules are not loaded by others. */
const SCRIPT = /<script\b(?![^>]*\bnoModule\b)[^>]*\bsrc="([^"?]+\.js)/gi;
const STYLE = /<link\b[^>]*\bhref="([^"?]+\.css)/gi;

/** @returns bytes of each file */
async function firstView(page: string): Promise<Map<string, number>> {
  const html = readFileSync(join(PAGES, page), 'utf8');
  const files = new Set([SCRIPT, STYLE].flatMap((pattern) => [...html.matchAll(pattern)].map(([, file]) => file ?? '')));
  const sizes = [...files].map(async (file) => [file, (await promisify(gzip)(readFileSync(join(PAGES, file)))).length] as const);
  return new Map(await Promise.all(sizes));
}

for (const page of readdirSync(PAGES).filter((name) => name.endsWith('.html'))) {
  test(`the first view of ${page} is small, and has no schemas`, async () => {
    const sizes = await firstView(page);
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    test.info().annotations.push({ type: 'bytes', description: String(bytes) });
    // React alone is more: less means that the document was not understood.
    expect(bytes).toBeGreaterThan(100_000);
    expect(bytes, [...sizes].map(([file, size]) => `${size} ${file}`).join('\n')).toBeLessThanOrEqual(MOST_BYTES);
    for (const file of sizes.keys()) expect(readFileSync(join(PAGES, file), 'utf8'), file).not.toContain('ZodError');
  });
}
