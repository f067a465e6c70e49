// The command line’s own words: help, and what is no command, name or option of it.
import { execFileSync, spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readArguments, USAGE } from './arguments.mjs';

const CGDECK = join(import.meta.dirname, 'cgdeck.mjs');
const LINES = 24;
const COLUMNS = 100;

test('help is one screen', () => {
  const lines = USAGE.split('\n');
  expect(lines.length).toBeLessThanOrEqual(LINES);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(COLUMNS);
});

test.each([[['--help']], [['-h']], [['launch', '--help']], [['call', 'readFile', '-h']]])('%j shows it', (args) => {
  expect(execFileSync(process.execPath, [CGDECK, ...args], { encoding: 'utf8' })).toBe(USAGE);
});

test.each([
  [[], 'Usage:'],
  [['start', 'web'], 'There is no command "start".'],
  [['constructor', 'x'], 'There is no command "constructor".'],
  [['stop', 'web', '--now'], "Unknown option '--now'."],
  [['stop', 'web', '--grace'], "Option '--grace <value>' argument missing."],
  [['output', 'web', '--raw=yes'], "Option '--raw' does not take an argument."],
  [['stop', 'web', '--stream', 'out'], 'stop does not take --stream.'],
  [['stop'], 'stop needs a NAME.'],
  [['call'], 'call needs a CALL.'],
  [['report'], 'report needs an ID.'],
  [['output', 'web', 'db'], 'output does not take "db".'],
])('%j is refused with what is known', (args, sentence) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CGDECK, ...args], { encoding: 'utf8' });
  expect([status, stdout, stderr.split('\n', 1)[0]]).toEqual([1, '', sentence]);
  expect(stderr).toContain(USAGE.trimEnd());
});

test('output that cannot be written is one sentence', () => {
  const { status, stderr } = spawnSync(process.execPath, [CGDECK, '--help'], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
  expect([status, String(stderr)]).toEqual([1, expect.stringMatching(/^The output cannot be written: ENOSPC[^\n]*\n$/)]);
});

test('a command has its names and options', () => {
  expect(readArguments(['launch', 'web', '--name', 'b', '--raw'])).toEqual({
    command: 'launch',
    names: ['web'],
    options: { name: 'b', raw: true },
  });
});
