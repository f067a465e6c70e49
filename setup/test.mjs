// npm test: everything that npm start prepares and what only tests need, then the tests on this machine: units, kernel and browser; the last line counts them.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FOR_TESTS, preparePrograms, prepareUnpacked, UNPACKED } from './debian.mjs';
import { leftovers } from './leftovers.mjs';
import { checkCompiler, checkControlGroups, checkNode, checkRoot } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { BIN, ROOT } from './project.mjs';
import { runToExit } from './setup-error.mjs';
import { countOfPlaywright, countOfVitest, summaryLine } from './tally.mjs';
import { runTool } from './tool.mjs';

const RESULTS = join(ROOT, 'test-results');
const PLAYWRIGHT_REPORT = join(RESULTS, 'e2e.json');

/** In a network namespace of their own: Chromium gives up its requests when a network comes or goes, and the kernel tests make some meanwhile. */
const APART = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

async function runVitest(name, projects) {
  const report = join(RESULTS, `${name}.json`);
  rmSync(report, { force: true });
  const args = [
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ];
  const { code } = await runTool(join(BIN, 'vitest'), args, { shown: true });
  return countOfVitest(report, code);
}

function countOfLeftovers(before) {
  const left = leftovers().filter((group) => !before.has(group));
  for (const group of left) console.log(`A test has left its group behind: ${group}`);
  return left.length === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

runToExit(async () => {
  checkNode();
  checkRoot('npm test');
  checkControlGroups();
  checkCompiler();
  await prepare(['launcher', 'sanitized', 'server', 'pages']);
  await preparePrograms(FOR_TESTS);
  await prepareUnpacked(UNPACKED);

  const before = new Set(leftovers());
  for (const group of before) console.log(`Here before the tests, and not counted: ${group}`);
  // A report of an earlier run must not pass for this one's.
  rmSync(PLAYWRIGHT_REPORT, { force: true });
  mkdirSync(RESULTS, { recursive: true });

  // They wait more than they compute: others have what they leave.
  const [units, kernel, playwright] = await Promise.all([
    runVitest('units', ['unit', 'launcher', 'network']),
    runVitest('kernel', ['kernel']),
    runTool('unshare', [...APART, join(BIN, 'playwright'), 'test']),
  ]);
  console.log(playwright.output);
  const counts = [units, kernel, countOfPlaywright(PLAYWRIGHT_REPORT, playwright.code), countOfLeftovers(before)];
  const { line, failed } = summaryLine(counts);
  console.log(line);
  return failed === 0 ? 0 : 1;
});
