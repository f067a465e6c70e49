// Runs another program: quietly, its output shown only if it fails, or with its output as it comes. A stop of ours stops it.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT, toolEnvironment } from './project.mjs';
import { SetupError } from './setup-error.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * @param {string} file @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, shown?: boolean, descriptor?: number }} [options] `shown`: its output goes to ours; `descriptor`: becomes its number 3
 * @returns {Promise<{ code: number, output: string }>} a signal as the shell counts it, 128 and its number
 */
export function runTool(file, args, { env = toolEnvironment(), shown = false, descriptor } = {}) {
  return new Promise((resolve, reject) => {
    const out = shown ? 'inherit' : 'pipe';
    const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', out, out, ...(descriptor === undefined ? [] : [descriptor])] });
    let stopped;
    const passOn = (signal) => {
      stopped = signal;
      child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, passOn);
    const over = () => {
      for (const signal of SIGNALS) process.off(signal, passOn);
    };
    let output = '';
    const keep = (chunk) => {
      output += chunk;
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => {
      over();
      reject(new SetupError(`The program ${file} could not be started: ${error.message}.`));
    });
    child.on('close', (code, signal) => {
      over();
      // Whoever stopped us meant the whole set-up.
      if (stopped) process.exit(128 + constants.signals[stopped]);
      resolve({ code: code ?? 128 + constants.signals[signal], output });
    });
  });
}

/**
 * A step of the set-up: prints what it does, and fails with the tool's output and a sentence.
 * @param {string} line @param {string} file @param {readonly string[]} args
 * @param {{ failure: string, env?: NodeJS.ProcessEnv }} options
 */
export async function step(line, file, args, { failure, env }) {
  console.log(line);
  const { code, output } = await runTool(file, args, { env });
  if (code !== 0) throw new SetupError(failure, output);
}
