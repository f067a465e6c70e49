// Splitting and joining argv: each is the inverse of the other.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { joinArgv, quoteWord, splitCommand } from './argv.ts';

const nasty = [
  ['cgdeck-load', 'leak', '20'],
  ['sh', '-c', 'echo "$HOME" | wc -l; exit 3'],
  ['printf', "it's", '"quoted"', 'back\\slash', 'two\nlines', '\ttab', ''],
  ["'", '"', '\\', "'\\''", ' ', '\n', 'ü — 名', '$(reboot)', '`id`', '~', '*', '#no comment', '-'],
];

describe('splitCommand', () => {
  it('splits at blanks and newlines and keeps what is quoted', () => {
    expect(splitCommand('  a  b\tc\nd ').argv).toEqual(['a', 'b', 'c', 'd']);
    expect(splitCommand(`sh -c 'echo "x"  y' "a b" c\\ d ""`).argv).toEqual(['sh', '-c', 'echo "x"  y', 'a b', 'c d', '']);
    expect(splitCommand(`pre'mid'"post"`).argv).toEqual(['premidpost']);
    expect(splitCommand('').argv).toEqual([]);
  });

  it('treats backslashes as a shell does', () => {
    expect(splitCommand(String.raw`"a\"b" "a\nb" a\nb 'a\nb' "\$x"`).argv).toEqual([
      'a"b',
      String.raw`a\nb`,
      'anb',
      String.raw`a\nb`,
      '$x',
    ]);
    expect(splitCommand('a \\\n b').argv).toEqual(['a', 'b']);
  });

  it('returns what is not closed', () => {
    expect(splitCommand(`a "b c`)).toMatchObject({ argv: ['a', 'b c'], open: '"' });
    expect(splitCommand(`a 'b`).open).toBe("'");
    expect(splitCommand('a \\').open).toBe('\\');
    expect(splitCommand('a "b"').open).toBeUndefined();
  });

  it('lists characters that a shell would act on, unless quoted', () => {
    expect(splitCommand('a | b > c $HOME').inert).toEqual(['|', '>', '$']);
    expect(splitCommand(`sh -c 'a | b > c' "x;y" z\\;`).inert).toEqual([]);
  });
});

describe('joinArgv', () => {
  it.each(nasty)('is the inverse of splitCommand: %j', (...argv) => {
    expect(splitCommand(joinArgv(argv))).toEqual({ argv, inert: [] });
  });

  it.each(nasty)('means the same to a real shell: %j', (...argv) => {
    const printed = execFileSync('sh', ['-c', `printf '%s\\0' ${joinArgv(argv)}`], { encoding: 'utf8' });
    expect(printed.split('\0').slice(0, -1)).toEqual(argv);
  });

  it('quotes only what needs it', () => {
    expect(quoteWord('/usr/bin/env')).toBe('/usr/bin/env');
    expect(quoteWord('a b')).toBe("'a b'");
    expect(quoteWord('')).toBe("''");
  });
});
