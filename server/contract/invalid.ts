// The sentence for data that a schema refuses: the field, what it wants, what it got.
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** More faults than these are only counted. */
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

const wanted = (type: string) => WANTED[type] ?? type;

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
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'string') return value.length > 64 ? `a text of ${value.length} characters` : JSON.stringify(value);
  return String(value);
}

function bound(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const least = issue.code === 'too_small';
  const limit = least ? issue.minimum : issue.maximum;
  const side = least ? (issue.inclusive === false ? 'more than' : 'at least') : issue.inclusive === false ? 'less than' : 'at most';
  const of = issue.origin === 'string' ? ' character' : issue.origin === 'array' ? ' item' : '';
  return `wants ${side} ${String(limit)}${of}${of !== '' && Number(limit) !== 1 ? 's' : ''}`;
}

function faultOf(issue: Exclude<Issue, { code: 'invalid_union' }>, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `wants ${wanted(issue.expected)}, got ${described(value)}`;
    case 'invalid_value':
      return `wants one of ${issue.values.map(String).join(', ')}, got ${described(value)}`;
    case 'too_small':
    case 'too_big':
      return `${bound(issue)}, got ${described(value)}`;
    case 'unrecognized_keys':
      return `has the unknown ${issue.keys.length === 1 ? 'field' : 'fields'} ${quoted(issue.keys).join(', ')}`;
    case 'invalid_key':
      return `has a key that is not ${issue.issues[0]?.message ?? 'allowed'}`;
    default:
      return issue.message;
  }
}

const quoted = (keys: readonly string[]) => keys.map((key) => JSON.stringify(key));

/** Fields of two forms of a request, such as a group’s and a process’s: each form refuses those of the other. */
function mixedFault(branches: readonly (readonly Issue[])[]): string | undefined {
  const foreign = branches.map(([first, ...more]) => (first?.code === 'unrecognized_keys' && more.length === 0 ? first.keys : []));
  if (foreign.length < 2 || foreign.some((keys) => keys.length === 0)) return undefined;
  const unknown = foreign[0]?.filter((key) => foreign.every((keys) => keys.includes(key))) ?? [];
  if (unknown.length > 0) return `has the unknown ${unknown.length === 1 ? 'field' : 'fields'} ${quoted(unknown).join(', ')}`;
  return `has fields that exclude each other: leave out ${foreign.map((keys) => quoted(keys).join(' and ')).join(', or else ')}`;
}

/** What was refused: how the sentence calls it, and its value. */
interface Whole {
  readonly what: string;
  readonly data: unknown;
}

/** @param base where in the data the issue's path starts */
function sentenceOf(issue: Issue, base: Path, whole: Whole): string {
  const path = [...base, ...issue.path];
  const value = valueAt(whole.data, path);
  if (issue.code !== 'invalid_union') return named(path, whole, faultOf(issue, value).replace(/\.$/, ''));
  // Only the branches that fit best are worth a sentence; those that want just another type share one.
  const fewest = Math.min(...issue.errors.map(({ length }) => length));
  const best = issue.errors.filter(({ length }) => length === fewest);
  const types = best.flatMap(([first]) => (first?.code === 'invalid_type' && first.path.length === 0 ? wanted(first.expected) : []));
  if (best.length === 0) return named(path, whole, 'has an unknown value');
  if (types.length === best.length) return named(path, whole, `wants ${types.join(' or ')}, got ${described(value)}`);
  const mixed = mixedFault(best);
  if (mixed !== undefined) return named(path, whole, mixed);
  return best.map((branch) => branch.map((inner) => sentenceOf(inner, path, whole)).join(' and ')).join(', or ');
}

function named(path: Path, { what }: Whole, fault: string): string {
  return path.length === 0 ? `${what} ${fault}` : `${fieldName(path)}: ${fault}`;
}

/**
 * @param what what the data is ("The body"), for faults of the whole
 * @param data what was refused
 */
export function invalidSentence(error: z.core.$ZodError, what: string, data: unknown): string {
  const sentences = error.issues.slice(0, SHOWN).map((issue) => sentenceOf(issue, [], { what, data }));
  const more = error.issues.length - sentences.length;
  return `${sentences.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`;
}
