// npm start answers --help and a wrong flag before it looks at the machine, installs or builds.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { USAGE } from '../server/flags.mjs';

const LINES = 24;
const COLUMNS = 100;

function start(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'start.mjs'), ...args], {
    env: { PATH: '/nothing' },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

test('help is one screen, and has every flag of the README', () => {
  expect(start('--help')).toEqual({ status: 0, stdout: USAGE, stderr: '' });
  const lines = USAGE.split('\n');
  expect(lines.length).toBeLessThanOrEqual(LINES);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(COLUMNS);
  const [, settings = ''] = /^## Settings\n(.*?)^## /ms.exec(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')) ?? [];
  const flags = (text) => new Set(text.match(/(?<![\w-])--[a-z][a-z-]+/g));
  expect(flags(settings)).toEqual(flags(USAGE));
});

test.each([
  [['--foo'], "Unknown option '--foo'."],
  [['--listen'], "Option '--listen <value>' argument missing."],
  [['--listen', '--root', '/a'], "Option '--listen' argument is ambiguous."],
  [['--behind-proxy=yes'], "Option '--behind-proxy' does not take an argument."],
  [['start'], "Unexpected argument 'start'."],
])('%j is refused with what is known', (args, sentence) => {
  expect(start(...args)).toEqual({ status: 1, stdout: '', stderr: `${sentence}\n\n${USAGE}` });
});
