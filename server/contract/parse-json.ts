// JSON of unknown content, for a schema to check, and messages that are known by their type.

/** @returns undefined for invalid JSON, which no message schema accepts */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * A text message of our own server, whose content is trusted.
 * @returns undefined for a type that is not known here, as a later version may send it
 */
export function messageOf<M extends { readonly type: string }>(text: string, types: Readonly<Record<M['type'], true>>): M | undefined {
  const message = parseJson(text);
  if (typeof message !== 'object' || message === null || !('type' in message)) return undefined;
  return Object.hasOwn(types, String(message.type)) ? (message as M) : undefined;
}
