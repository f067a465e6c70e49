// The last step of a command: the pinned Node takes over.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { environmentWithoutNpm, PINNED_NODE, ROOT } from './project.mjs';

/** A Ctrl-C reaches the child twice, from the terminal and from here: the supervisor takes that for one. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function runAsChild(argv, env) {
  return new Promise((resolve) => {
    const child = spawn(argv[0], argv.slice(1), { stdio: 'inherit', env });
    for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
    child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  });
}

/**
 * Runs a program of ours in place of this process where this Node can do that (22.15 and newer), so that no idle parent stays;
 * else as a child with the same end.
 * @param {string} file from the root @param {readonly string[]} args @returns {Promise<number>}
 */
export async function runPinned(file, args) {
  const argv = [PINNED_NODE, join(ROOT, file), ...args];
  const env = environmentWithoutNpm();
  if (process.execve) process.execve(argv[0], argv, env);
  return runAsChild(argv, env);
}
