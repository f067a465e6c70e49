// npm run check: types, style, import directions, unused code and the launcher's warnings; the last line counts the checks.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLockFile } from './lock-file.mjs';
import { checkCompiler, checkNode } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { BIN } from './project.mjs';
import { runToExit } from './setup-error.mjs';
import { summaryLine } from './tally.mjs';
import { runTool } from './tool.mjs';

const tool =
  (name, ...args) =>
  () =>
    runTool(join(BIN, name), args);

/** Built again, and elsewhere: what is built already shows no warnings, and may be in use. */
async function compileLauncher() {
  const build = mkdtempSync(join(tmpdir(), 'cgdeck-check-'));
  try {
    return await runTool('make', ['-C', 'native', '--no-print-directory', `BUILD=${build}`]);
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
}

const CHECKS = [
  ['types', tool('tsc', '-p', 'tsconfig.json', '--noEmit')],
  ['types of the server by itself, without the browser’s', tool('tsc', '-p', 'tsconfig.server.json', '--noEmit')],
  ['style and likely mistakes (biome)', tool('biome', 'ci', '--colors=off', '--reporter=default')],
  [
    'import directions (dependency-cruiser)',
    tool('depcruise', '--config', '.dependency-cruiser.cjs', 'server', 'native', 'components', 'app', 'bench', 'e2e', 'test'),
  ],
  ['unused files, exports and packages (knip)', tool('knip', '--no-progress')],
  ['the lock file', async () => checkLockFile()],
  ['the C programs, warnings as errors (make)', compileLauncher],
];

runToExit(async () => {
  checkNode();
  checkCompiler();
  await prepare([]);
  // Writes the types of routes and assets, which a clone does not have before its first build.
  await tool('next', 'typegen')();
  const counts = [];
  for (const [name, run] of CHECKS) {
    const { code, output } = await run();
    console.log(`${code === 0 ? 'ok' : 'FAILED'}  ${name}`);
    if (code !== 0) console.log(output);
    counts.push(code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
  }
  const { line, failed } = summaryLine(counts);
  console.log(line);
  return failed === 0 ? 0 : 1;
});
