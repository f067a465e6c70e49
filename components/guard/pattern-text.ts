// The pattern that matches exactly one group.

/** Characters that would match others are escaped. */
export function patternText(group: string): string {
  return group.replace(/[*?[\]{}()\\]/g, '\\$&');
}
