// Which of the page's keys was pressed, on any keyboard layout.

/**
 * The letter on the key, small unless Shift is held: CapsLock does not count. Where it is none of the Latin script (or a composition takes it),
 * the Latin letter in the key's place (KeyboardEvent.code).
 * @returns KeyboardEvent.key otherwise
 */
export function layoutKey({ key, code, shiftKey }: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  const [, place] = /^Key([A-Z])$/.exec(code) ?? [];
  const letter = /^[A-Za-z]$/.test(key) ? key : place !== undefined && isForeign(key) ? place : undefined;
  if (letter === undefined) return key;
  return shiftKey ? letter.toUpperCase() : letter.toLowerCase();
}

function isForeign(key: string): boolean {
  return key === 'Process' || (/^[\p{L}\p{M}]+$/u.test(key) && [...key].length === 1 && !/\p{Script=Latin}/u.test(key));
}
