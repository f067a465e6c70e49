// Installs and builds what is missing or out of date: packages, the launcher, the server and the pages. What has not changed is left alone.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashOf, isUpToDate, markUpToDate } from './inputs.mjs';
import { withLock } from './lock.mjs';
import { BIN, environmentWithoutNpm, PINNED_NODE, ROOT } from './project.mjs';
import { SetupError } from './setup-error.mjs';
import { step } from './tool.mjs';

const isTest = (path) => /\.test\.tsx?$|(^|\/)fixtures(\/|$)/.test(path);
const PACKAGES = 'package-lock.json';

/** @returns whether node_modules holds just what the lock file lists, as after an install by hand; npm notes there what it installed */
function holdsThePackages() {
  const note = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(note) || !existsSync(PINNED_NODE)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  const installed = packagesOf(note);
  return Object.entries(packagesOf(join(ROOT, 'package-lock.json'))).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    // What is optional may be for another processor or system.
    return found ? found.version === wanted.version && found.integrity === wanted.integrity : wanted.optional === true;
  });
}

async function installPackages() {
  const hash = hashOf(['package-lock.json']);
  if (isUpToDate('node_modules', ['.bin/node'], hash)) return;
  if (!holdsThePackages()) {
    const failure = 'The packages could not be installed: npm’s reason is above.';
    // npm runs in the machine's own Node: it removes the pinned one before it brings it back.
    const env = { ...process.env, PATH: environmentWithoutNpm().PATH };
    await step('Installing the packages (npm ci) …', 'npm', ['ci', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'], {
      failure,
      env,
    });
    if (!existsSync(PINNED_NODE)) {
      throw new SetupError(
        'npm has not installed the Node that cgdeck runs in, as it does where install scripts are switched off: run "npm ci --ignore-scripts=false" and start again.',
      );
    }
  }
  markUpToDate('node_modules', hash);
}

async function buildLauncher() {
  const hash = hashOf(['native'], (path) => isTest(path) || path.startsWith('native/build') || path.endsWith('.ts'));
  if (isUpToDate('native/build', ['launch', 'cgdeck-watchdog', 'cgdeck-load', 'libcgdeck.so'], hash)) return;
  await step('Building the launcher (make) …', 'make', ['-C', 'native', '--no-print-directory'], {
    failure: 'The launcher could not be built: the compiler’s reason is above.',
  });
  markUpToDate('native/build', hash);
}

/** For the launcher's tests; make itself knows what has changed. */
async function buildSanitized() {
  await step('Building the launcher with sanitizers (make) …', 'make', ['-C', 'native', '--no-print-directory', 'asan'], {
    failure: 'The launcher could not be built with sanitizers: the compiler’s reason is above.',
  });
}

async function buildServer() {
  const hash = hashOf(
    ['server', 'native', 'rolldown.config.ts', 'tsconfig.json', PACKAGES],
    (path) => isTest(path) || path.startsWith('native/build'),
  );
  if (isUpToDate('dist', ['server/main.js'], hash)) return;
  // Beside the one in use, and then in its place: a build that fails leaves what was there.
  const fresh = join(ROOT, 'dist.new');
  rmSync(fresh, { recursive: true, force: true });
  await step('Building the server (rolldown) …', join(BIN, 'rolldown'), ['-c', 'rolldown.config.ts', '-d', fresh], {
    failure: 'The server could not be built: rolldown’s reason is above.',
  });
  markUpToDate('dist.new', hash);
  rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  renameSync(fresh, join(ROOT, 'dist'));
}

async function buildPages() {
  const inputs = ['app', 'components', 'public', 'server/contract', 'next.config.ts', 'postcss.config.mjs', 'tsconfig.json', PACKAGES];
  const hash = hashOf(inputs, isTest);
  if (isUpToDate('out', ['index.html'], hash)) return;
  await step('Building the pages (next build) …', join(BIN, 'next'), ['build'], {
    failure: 'The pages could not be built: next’s reason is above.',
  });
  markUpToDate('out', hash);
}

/** @typedef {'launcher' | 'sanitized' | 'server' | 'pages'} Part */
const BUILDS = { launcher: buildLauncher, sanitized: buildSanitized, server: buildServer, pages: buildPages };

/**
 * The packages, and then the parts that are asked for.
 * @param {readonly Part[]} parts
 */
export async function prepare(parts) {
  await withLock(async () => {
    await installPackages();
    for (const part of parts) await BUILDS[part]();
  });
}
