// JSON of unknown content, for a schema to check.

/** @returns undefined for invalid JSON, which no message schema accepts */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
