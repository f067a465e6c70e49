// Says which limits were written under another name than they were asked for by.

/** " memory.limit_in_bytes was written as memory.max.", with a blank before it; empty where none was. */
export function translatedWords(translated: Readonly<Record<string, string>> = {}): string {
  const parts = Object.entries(translated).map(([asked, written]) => `${asked} was written as ${written}`);
  return parts.length === 0 ? '' : ` ${parts.join(', ')}.`;
}
