// Debian's Chromium for the end-to-end tests: installed once, where it is not there.
import { existsSync } from 'node:fs';
import { environmentWithoutNpm } from './project.mjs';
import { SetupError } from './setup-error.mjs';
import { step } from './tool.mjs';

const CHROMIUM = '/usr/bin/chromium';

export async function prepareBrowser() {
  if (existsSync(CHROMIUM)) return;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new SetupError(
      `The end-to-end tests need Chromium at ${CHROMIUM}, and this machine has no apt-get to install it: install it by hand.`,
    );
  }
  const env = { ...environmentWithoutNpm(), DEBIAN_FRONTEND: 'noninteractive' };
  const failure = 'Chromium could not be installed: apt-get says why above.';
  await step('Asking for the package lists (apt-get update) …', 'apt-get', ['update', '-q'], { failure, env });
  await step('Installing Chromium (apt-get install) …', 'apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
    failure,
    env,
  });
  if (!existsSync(CHROMIUM)) throw new SetupError(`apt-get has installed Chromium, but not at ${CHROMIUM}, where the tests look for it.`);
}
