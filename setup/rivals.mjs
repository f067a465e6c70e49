// What the bench of the launcher is held against: Debian's bubblewrap and runc, installed once, where they are not there.
import { existsSync } from 'node:fs';
import { environmentWithoutNpm } from './project.mjs';
import { step } from './tool.mjs';

const RIVALS = { bwrap: 'bubblewrap', runc: 'runc' };

const isThere = (program) => ['/usr/bin', '/usr/sbin'].some((folder) => existsSync(`${folder}/${program}`));

export async function prepareRivals() {
  const missing = Object.entries(RIVALS)
    .filter(([program]) => !isThere(program))
    .map(([, name]) => name);
  if (missing.length === 0) return;
  if (!existsSync('/usr/bin/apt-get')) {
    console.log(`Not compared with ${missing.join(' and ')}: this machine has no apt-get to install them.`);
    return;
  }
  const env = { ...environmentWithoutNpm(), DEBIAN_FRONTEND: 'noninteractive' };
  const failure = `What the launcher is compared with (${missing.join(', ')}) could not be installed: apt-get says why above.`;
  await step('Asking for the package lists (apt-get update) …', 'apt-get', ['update', '-q'], { failure, env });
  const install = ['install', '-y', '-q', '--no-install-recommends', ...missing];
  await step(`Installing ${missing.join(' and ')} (apt-get install) …`, 'apt-get', install, { failure, env });
}
