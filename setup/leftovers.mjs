// Groups of tests in any hierarchy that is mounted: after a run there must be none that were not there before.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const TEST_GROUP = /^cgdeck-test-/;

/** @returns {string[]} their folders */
export function leftovers() {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .flatMap(([, mountPoint]) =>
      readdirSync(mountPoint, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && TEST_GROUP.test(entry.name))
        .map((entry) => join(mountPoint, entry.name)),
    );
}
