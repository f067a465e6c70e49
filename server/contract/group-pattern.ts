// Globs of group paths, such as /docker/**: for --control, and for what else is chosen by group.
import picomatch from 'picomatch';

/** The characters of a path before the first one that is a pattern; all of a path that is none. */
export function literalPart(pattern: string): string {
  const at = pattern.search(/[*?[{\\]|[@+!]\(/);
  return at < 0 ? pattern : pattern.slice(0, at);
}

/**
 * @param patterns `*` and `?` match within a name, `**` any number of names, also none; [], {,}, @() as in bash(1); a backslash escapes the next character
 * @returns whether a group's path matches one of them; no pattern matches none
 */
export function groupMatcher(patterns: readonly string[]): (group: string) => boolean {
  if (patterns.length === 0) return () => false;
  const matches = picomatch([...patterns], { dot: true, nonegate: true, windows: false });
  return (group) => matches(group);
}

/** Why a pattern is not taken: long names, which anybody may give a group, could take minutes to match. */
export function patternFault(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'is not a pattern of group paths, which begin with a slash';
  if (/[+*]\(/.test(pattern)) return 'has a repeated part, +() or *(), which is not taken here';
  if (pattern.split('**').length > 3) return 'has more than two **';
  return pattern.split('/').some((name) => name !== '**' && name.split('*').length > 3) ? 'has a name with more than two *' : undefined;
}
