// Globs of group paths, such as /docker/**: for --control, and for what else is chosen by group.
import picomatch from 'picomatch';

/**
 * @param patterns `*` and `?` match within a name, `**` any number of names, also none; [], {,}, @() as in bash(1); a backslash escapes the next character
 * @returns whether a group's path matches one of them; no pattern matches none
 */
export function groupMatcher(patterns: readonly string[]): (group: string) => boolean {
  if (patterns.length === 0) return () => false;
  const matches = picomatch([...patterns], { dot: true, nonegate: true, windows: false });
  return (group) => matches(group);
}
