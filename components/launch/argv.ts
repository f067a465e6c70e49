// A command line to argv and back, with a shell’s quoting and nothing else: no variables, globs or pipes.

export interface SplitCommand {
  readonly argv: readonly string[];
  /** What is not closed at the end: a quote, or a backslash with nothing after it. */
  readonly open?: '"' | "'" | '\\';
  /** Unquoted characters that a shell would act on and that are passed unchanged, in order of appearance. */
  readonly inert: readonly string[];
}

/** Special for a shell; ordinary here. */
const SHELL_ONLY = new Set(['|', '&', ';', '<', '>', '$', '`', '*', '?', '~', '(', ')']);
/** In double quotes a backslash escapes only these (POSIX shell, 2.2.3). */
const ESCAPED_IN_DOUBLE = new Set(['"', '\\', '$', '`']);

/** Splits as a POSIX shell does: blanks separate, quotes and backslashes keep together. */
export function splitCommand(line: string): SplitCommand {
  const argv: string[] = [];
  const inert = new Set<string>();
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? '';
    if (quote === "'") {
      if (char === "'") quote = undefined;
      else word += char;
    } else if (char === '\\') {
      if (i + 1 >= line.length) return { argv: word === undefined ? argv : [...argv, word], open: '\\', inert: [...inert] };
      const next = line[++i] ?? '';
      if (next === '\n') continue;
      word = (word ?? '') + (quote === '"' && !ESCAPED_IN_DOUBLE.has(next) ? `\\${next}` : next);
    } else if (quote === '"') {
      if (char === '"') quote = undefined;
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (char === ' ' || char === '\t' || char === '\n') {
      if (word !== undefined) argv.push(word);
      word = undefined;
    } else {
      if (SHELL_ONLY.has(char)) inert.add(char);
      word = (word ?? '') + char;
    }
  }
  if (word !== undefined) argv.push(word);
  return { argv, inert: [...inert], ...(quote === undefined ? {} : { open: quote }) };
}

/** One word, quoted so that a shell, and splitCommand, read it back exactly. */
export function quoteWord(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./^-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

export function joinArgv(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}
