// JSON from the other side, before a schema has looked at it.

/** @returns undefined for what is no JSON, which no schema of a message takes */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
