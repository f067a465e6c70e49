// Globs of group paths, such as /docker/**: for --control, and for what else is chosen by group.
import picomatch from 'picomatch';

/** The characters of a path before the first one that is a pattern; all of a path that is none. */
export function literalPart(pattern: string): string {
  const at = pattern.search(/[*?[{\\]|[@+!]\(/);
  return at < 0 ? pattern : pattern.slice(0, at);
}

/**
 * Name by name: one regular expression for a whole path would try each way to match a name with each way to match the others.
 * @param patterns `*` and `?` match within a name, `**` any number of names, also none; [], {,}, @() as in bash(1); a backslash escapes the next
 * character; each without a fault
 * @returns whether a group's path matches one of them; no pattern matches none
 */
export function groupMatcher(patterns: readonly string[]): (group: string) => boolean {
  const made = patterns.map((pattern) => pattern.split('/').map(nameMatcher));
  return (group) => {
    const names = group.split('/');
    return made.some((matchers) => matchesPath(matchers, names));
  };
}

/** Undefined for any number of names. */
type NameMatcher = ((name: string) => boolean) | undefined;

function nameMatcher(pattern: string): NameMatcher {
  if (pattern === '**') return undefined;
  if (/^[\w.-]*$/.test(pattern)) return (name) => name === pattern;
  const matches = picomatch(pattern, { dot: true, nonegate: true, windows: false });
  return (name) => matches(name);
}

/** Of two `**` the first need not take more names once the second was reached. */
function matchesPath(matchers: readonly NameMatcher[], names: readonly string[]): boolean {
  let [at, any, from] = [0, -1, 0];
  for (let name = 0; name < names.length; ) {
    const matches = matchers[at];
    if (at < matchers.length && matches === undefined) {
      any = at++;
      from = name;
    } else if (matches?.(names[name] ?? '')) {
      at++;
      name++;
    } else {
      if (any < 0) return false;
      at = any + 1;
      name = ++from;
    }
  }
  return matchers.slice(at).every((matches) => matches === undefined);
}

/** Alternatives multiply, and each combination is tried. */
const MOST_COMBINATIONS = 64;

/**
 * Why a pattern is not taken: names that anybody may give a group could take minutes to match, and nothing else would run meanwhile. What is
 * left takes steps that grow with the square of a name's length.
 */
export function patternFault(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'is not a pattern of group paths, which begin with a slash';
  // picomatch never returns for four at the end.
  if (pattern.includes('\\'.repeat(4))) return 'has more than three \\ in a row';
  // An escaped character is only that.
  const plain = pattern.replace(/\\./gs, '_');
  const lists = listsOf(plain);
  if (lists === undefined) return 'has a ( that is not of @(), which is not taken here: write \\( for a name with one';
  // A plus after a list or a set, or within a list, is the one of regular expressions.
  if (plain.includes('+') && /[[{(]/.test(plain))
    return 'has a + beside [], {} or @(), which is not taken here: write \\+ for a name with one';
  if (plain.includes(')?')) return 'has a ? after @(), which is not taken here';
  if (lists.some(({ text }) => text.includes('/'))) return 'has a slash within {} or @()';
  if (lists.reduce((product, { count }) => product * count, 1) > MOST_COMBINATIONS)
    return `has alternatives in {} or @() with more than ${MOST_COMBINATIONS} combinations`;
  if (plain.split('**').length > 3) return 'has more than two **';
  return plain.split('/').some((name) => name !== '**' && name.split('*').length > 3) ? 'has a name with more than two *' : undefined;
}

/** Each {a,b} and @(a|b), also within others, and how many alternatives it has; undefined where there is another parenthesis. */
function listsOf(plain: string): { readonly text: string; readonly count: number }[] | undefined {
  const lists: { text: string; count: number }[] = [];
  const open: number[] = [];
  for (let at = 0; at < plain.length; at++) {
    const character = plain.charAt(at);
    if (character === '(' && plain[at - 1] !== '@') return undefined;
    if (character === '(' || character === '{') open.push(at);
    if (character !== ')' && character !== '}') continue;
    const from = open.pop();
    if (from === undefined) continue;
    const text = plain.slice(from + 1, at);
    lists.push({ text, count: text.split(/[,|]/).length });
  }
  return lists;
}
