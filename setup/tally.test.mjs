// Counting out of the runners' reports.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { countOfPlaywright, countOfVitest, summaryLine } from './tally.mjs';

const folder = mkdtempSync(join(tmpdir(), 'cgdeck-tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

function report(content) {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(content));
  return file;
}

const suite = (status, tests) => ({ status, assertionResults: Array.from({ length: tests }, () => ({})) });

test.each([
  ['all passed', { numPassedTests: 3, numFailedTests: 0, testResults: [suite('passed', 3)] }, 0, { passed: 3, failed: 0 }],
  ['one failed', { numPassedTests: 2, numFailedTests: 1, testResults: [suite('failed', 3)] }, 1, { passed: 2, failed: 1 }],
  [
    'a file that did not load',
    { numPassedTests: 2, numFailedTests: 0, testResults: [suite('passed', 2), suite('failed', 0)] },
    1,
    { passed: 2, failed: 1 },
  ],
  ['an error outside the tests', { numPassedTests: 2, numFailedTests: 0, testResults: [suite('passed', 2)] }, 1, { passed: 2, failed: 1 }],
])('vitest: %s', (_name, content, exitCode, expected) => {
  expect(countOfVitest(report(content), exitCode)).toEqual(expected);
});

test.each([
  ['all passed', { expected: 4, unexpected: 0, flaky: 0, skipped: 0 }, 0, { passed: 4, failed: 0 }],
  ['one failed', { expected: 3, unexpected: 1, flaky: 0, skipped: 0 }, 1, { passed: 3, failed: 1 }],
  ['a set-up that failed before any test', { expected: 0, unexpected: 0, flaky: 0, skipped: 0 }, 1, { passed: 0, failed: 1 }],
])('playwright: %s', (_name, stats, exitCode, expected) => {
  expect(countOfPlaywright(report({ stats }), exitCode)).toEqual(expected);
});

test('a runner that crashed before it wrote a report counts as a failure', () => {
  expect(countOfVitest(join(folder, 'absent.json'), 139)).toEqual({ passed: 0, failed: 1 });
  expect(countOfPlaywright(join(folder, 'absent.json'), 0)).toEqual({ passed: 0, failed: 1 });
});

test('the last line sums up', () => {
  expect(
    summaryLine([
      { passed: 3, failed: 0 },
      { passed: 2, failed: 1 },
    ]),
  ).toEqual({ line: '5 passed, 1 failed', failed: 1 });
});
