// One set-up at a time in a clone: an advisory lock on its folder, which the kernel drops with the process, however it ends.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { ROOT } from './project.mjs';
import { SetupError } from './setup-error.mjs';
import { runTool } from './tool.mjs';

/** Waits for another set-up that is at work. @template T @param {() => Promise<T>} work @returns {Promise<T>} */
export async function withLock(work) {
  const fd = openSync(ROOT, 'r');
  try {
    // flock(2) belongs to the open file, not to the process: what flock(1) takes on the descriptor it is handed stays with us.
    const lock = (...how) => spawnSync('flock', [...how, '3'], { stdio: ['ignore', 'ignore', 'inherit', fd] });
    const first = lock('--nonblock');
    if (first.error) throw new SetupError('The program flock (of util-linux) is missing: install it and start again.');
    if (first.status !== 0) {
      console.log('Another start is still building here: waiting for it.');
      const { code } = await runTool('flock', ['3'], { descriptor: fd });
      if (code !== 0) throw new SetupError(`The folder ${ROOT} could not be locked.`);
    }
    return await work();
  } finally {
    closeSync(fd);
  }
}
