// Counts what passed and what failed, out of the runners' own reports; a runner that ends badly without naming a failed test counts as one.
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number }} Count */

/** @returns {Count} */
function count(passed, failed, exitCode) {
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** @param {string} file a report of vitest's json reporter @param {number} exitCode @returns {Count} */
export function countOfVitest(file, exitCode) {
  const report = readReport(file);
  if (!report) return { passed: 0, failed: 1 };
  // A file that could not be loaded has failed without a test of its own.
  const unloaded = report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length;
  return count(report.numPassedTests, report.numFailedTests + unloaded, exitCode);
}

/** @param {string} file a report of Playwright's json reporter @param {number} exitCode @returns {Count} */
export function countOfPlaywright(file, exitCode) {
  const report = readReport(file);
  if (!report) return { passed: 0, failed: 1 };
  const { expected, unexpected, flaky } = report.stats;
  return count(expected + flaky, unexpected, exitCode);
}

/** @param {readonly Count[]} counts */
export function summaryLine(counts) {
  const passed = counts.reduce((sum, each) => sum + each.passed, 0);
  const failed = counts.reduce((sum, each) => sum + each.failed, 0);
  return { line: `${passed} passed, ${failed} failed`, failed };
}
