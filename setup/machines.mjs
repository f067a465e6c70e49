// The tests in machines with other kernels and hierarchies than this one's: the kernel's inside, and journeys with the browser out here.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SUITES, WHOLE } from '../test/vm/suites.mjs';
import { BIN, PINNED_NODE, ROOT } from './project.mjs';
import { countOfPlaywright, countOfVitest } from './tally.mjs';
import { runTool, step } from './tool.mjs';

const RESULTS = join(ROOT, 'test-results');
export const MAIN = 'test/vm/main.ts';
const BUILD = 'test/vm/build';
/** A machine's life at most, boot included: of one that runs everything there is, much longer. */
const SECONDS = { usual: 3000, further: 3000, whole: 9000 };

/** Builds what the tests inside run, beside what `prepare` builds. */
export async function prepareMachines() {
  mkdirSync(join(ROOT, BUILD), { recursive: true });
  for (const program of ['probe', 'sleeper', 'headless']) {
    await step(
      `Building ${program}, which asks the guest’s kernel (cc) …`,
      'cc',
      ['-std=gnu17', '-O2', '-Wall', '-Wextra', '-Werror', '-o', `${BUILD}/${program}`, `test/vm/fixtures/${program}.c`],
      { failure: 'A C program of the test machine could not be built: the compiler’s reason is above.' },
    );
  }
}

/**
 * Runs tests, here or in a machine; their output is shown if one fails. They give way to whatever else runs.
 */
async function counted(name, report, countOf, file, args) {
  // A report of an earlier run must not pass for this one's.
  rmSync(report, { force: true });
  console.log(`Testing ${name} …`);
  const start = Date.now();
  const { code, output } = await runTool('nice', ['-n', '19', file, ...args]);
  const count = countOf(report, code);
  if (count.failed > 0) console.log(output);
  const seconds = Math.round((Date.now() - start) / 1000);
  console.log(`${count.failed === 0 ? 'ok' : 'FAILED'}  ${name}: ${count.passed} passed, ${count.failed} failed (${seconds} s)`);
  return count;
}

function vitest(name, before, args) {
  const report = join(RESULTS, `vm-${name.replaceAll(' ', '-')}.json`);
  const [file = '', ...first] = [...before, join(BIN, 'vitest')];
  return counted(name, report, countOfVitest, file, [
    ...first,
    'run',
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
}

const nameOf = ({ kernel, mode }) => `${mode} on ${kernel}`;

function suiteIn(suite, tests, which, name = nameOf(suite)) {
  const { kernel, mode, swap, leftOut } = suite;
  const machine = [
    '--kernel',
    kernel,
    '--mode',
    mode,
    '--swap',
    swap,
    '--seconds',
    String(SECONDS[which]),
    '--network',
    which === 'whole' ? 'yes' : 'no',
    '--writable',
    RESULTS,
  ];
  const names = leftOut.length === 0 ? [] : ['--testNamePattern', `^(?!.*(${leftOut.join('|')}))`];
  // In one world for all files: to load everything again for each takes a machine longer than the tests.
  return vitest(
    name,
    [PINNED_NODE, MAIN, ...machine, '--'],
    ['--project', 'kernel', '--project', 'launcher', '--project', 'network', '--no-isolate', ...tests, ...names],
  );
}

function journeysIn(suites) {
  const report = join(RESULTS, 'vm-e2e.json');
  const projects = suites.map((suite) => `--project=${nameOf(suite)}`);
  const name = `journeys: ${suites.map(nameOf).join(', ')}`;
  return counted(name, report, countOfPlaywright, join(BIN, 'playwright'), ['test', '-c', 'test/vm/playwright.config.ts', ...projects]);
}

/** The version that has the memory controller here, whose tests run on this machine itself. */
function memoryVersionHere() {
  return /^\S+ \S+ cgroup \S*\bmemory\b/m.test(readFileSync('/proc/self/mounts', 'utf8')) ? 1 : 2;
}

const versionOf = ({ mode }) => (mode === 'v2' || mode === 'systemd' ? 2 : 1);

const apartOf = ({ apart = [] }) => apart;

/** The usual part is what this machine cannot show itself. */
function testsOf(suite, which) {
  if (which === 'whole') return [...WHOLE, ...suite.usual, ...suite.further, ...apartOf(suite)];
  if (which === 'further') return [...suite.usual, ...suite.further];
  return versionOf(suite) === memoryVersionHere() ? [] : suite.usual;
}

function isTravelled(suite, which) {
  if (which === 'whole') return true;
  if (which === 'further') return suite.journey !== 'whole';
  return suite.journey === 'usual' && versionOf(suite) !== memoryVersionHere();
}

/** Reports what is not run. */
function reportLeftOut(suites) {
  for (const suite of suites) {
    const tests = testsOf(suite, 'usual');
    const left = [...testsOf(suite, 'further'), ...apartOf(suite)].filter((test) => !tests.includes(test));
    if (isTravelled(suite, 'further') && !isTravelled(suite, 'usual')) left.push('the journeys');
    if (left.length > 0) console.log(`Left to npm run test:vm -- ${suite.mode}, on ${nameOf(suite)}: ${left.join(', ')}`);
  }
}

/**
 * @param {{ which: 'usual' | 'further' | 'whole', mode?: string }} what the usual part: what this machine's own kernel cannot show; or all that is
 *   listed for the machines; or everything that there is; of one mode where it is named
 * @returns {Promise<{ passed: number, failed: number }[]>}
 */
export async function testMachines({ which, mode }) {
  const suites = SUITES.filter((suite) => mode === undefined || suite.mode === mode);
  mkdirSync(RESULTS, { recursive: true });
  if (which === 'usual') reportLeftOut(suites);
  // The browser's configuration reads it.
  if (which === 'whole') process.env.CGDECK_TEST_WHOLE = '1';
  const jobs = suites
    .map((suite) => ({ suite, tests: testsOf(suite, which) }))
    .filter(({ tests }) => tests.length > 0)
    .map(
      ({ suite, tests }) =>
        () =>
          suiteIn(suite, tests, which),
    );
  if (which === 'further') {
    for (const suite of suites.filter((each) => apartOf(each).length > 0))
      jobs.push(() => suiteIn(suite, apartOf(suite), which, `${nameOf(suite)} apart`));
  }
  // It is of no mode.
  if (mode === undefined) jobs.push(() => vitest('the machine itself', [], ['--config', 'test/vm/vitest.config.ts']));
  const travelled = suites.filter((suite) => isTravelled(suite, which));
  if (travelled.length > 0) jobs.push(() => journeysIn(travelled));
  const counts = [];
  const worker = async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) counts.push(await job());
  };
  // As many at a time as leave two processors little rest: a machine waits a good deal, and with everything there is it waits less.
  await Promise.all(Array.from({ length: which === 'whole' ? 2 : 4 }, worker));
  return counts;
}
