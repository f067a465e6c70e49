// Joins class names, leaving out what does not apply.
export function cx(...names: ReadonlyArray<string | false | undefined | null>): string {
  return names.filter(Boolean).join(' ');
}
