// The sentence for data that a schema refuses: names the field, says what is wanted and what came instead.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** More faults than this make no sentence. */
const SHOWN = 3;

const WANTED: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
};

function fieldName(path: Path): string {
  return path.reduce<string>((name, part) => {
    if (typeof part === 'number') return `${name}[${part}]`;
    if (/^[A-Za-z_]\w*$/.test(String(part))) return name === '' ? String(part) : `${name}.${String(part)}`;
    return name === '' ? String(part) : `${name}[${JSON.stringify(String(part))}]`;
  }, '');
}

function valueAt(data: unknown, path: Path): unknown {
  let at = data;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return at;
}

function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return value.length > 64 ? `a text of ${value.length} characters` : JSON.stringify(value);
  return String(value);
}

function bound(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const least = issue.code === 'too_small';
  const limit = least ? issue.minimum : issue.maximum;
  const side = least ? (issue.inclusive === false ? 'more than' : 'at least') : issue.inclusive === false ? 'less than' : 'at most';
  const of = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' items' : '';
  return `wants ${side} ${String(limit)}${of}`;
}

function faultOf(issue: Exclude<Issue, { code: 'invalid_union' }>, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `wants ${WANTED[issue.expected] ?? issue.expected}, got ${described(value)}`;
    case 'invalid_value':
      return `wants one of ${issue.values.map(String).join(', ')}, got ${described(value)}`;
    case 'too_small':
    case 'too_big':
      return `${bound(issue)}, got ${described(value)}`;
    case 'unrecognized_keys':
      return `does not know ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'invalid_key':
      return `has a key that is not ${issue.issues[0]?.message ?? 'allowed'}`;
    default:
      return issue.message;
  }
}

interface Whole {
  readonly what: string;
  readonly data: unknown;
}

/** @param base where the value is that the issue's own path starts from */
function sentenceOf(issue: Issue, base: Path, whole: Whole): string {
  const path = [...base, ...issue.path];
  if (issue.code === 'invalid_union') return ofUnion(issue, path, whole);
  return named(path, whole, faultOf(issue, valueAt(whole.data, path)).replace(/\.$/, ''));
}

function named(path: Path, whole: Whole, fault: string): string {
  return path.length === 0 ? `${whole.what} ${fault}` : `${fieldName(path)}: ${fault}`;
}

/** Of a union's branches the one that fits best; where several fit equally well, what each wants. */
function ofUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: Path, whole: Whole): string {
  const branches = issue.errors;
  const wanted = branches.map(([only, ...more]) =>
    only?.code === 'invalid_type' && only.path.length === 0 && more.length === 0 ? only.expected : undefined,
  );
  if (wanted.every((one) => one !== undefined)) {
    const types = wanted.map((one) => WANTED[one] ?? one).join(' or ');
    return named(
      path,
      whole,
      types === '' ? 'has a value that is not known here' : `wants ${types}, got ${described(valueAt(whole.data, path))}`,
    );
  }
  const fewest = Math.min(...branches.map((branch) => branch.length));
  const best = branches.filter((branch) => branch.length === fewest);
  return best.map((branch) => branch.map((inner) => sentenceOf(inner, path, whole)).join(' and ')).join(', or ');
}

/**
 * @param what what the data is, for faults of the whole ("The body"); faults of a field name the field
 * @param data what was refused
 */
export function invalidSentence(error: z.core.$ZodError, what: string, data: unknown): string {
  const sentences = error.issues.slice(0, SHOWN).map((issue) => sentenceOf(issue, [], { what, data }));
  const more = error.issues.length - sentences.length;
  return `${sentences.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}
