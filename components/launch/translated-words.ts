// Names the limits that were written to another file than the one asked for.

/** " memory.limit_in_bytes was written as memory.max.", with a blank before it; empty for none. */
export function translatedWords(translated: Readonly<Record<string, string>> = {}): string {
  const parts = Object.entries(translated).map(([asked, written]) => `${asked} was written as ${written}`);
  return parts.length === 0 ? '' : ` ${parts.join(', ')}.`;
}
