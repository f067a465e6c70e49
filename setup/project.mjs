// Where things are, and the environment that the project's own tools run in. Plain JavaScript that Node 20 can run, as all of setup/.
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const BIN = join(ROOT, 'node_modules', '.bin');
/** The Node that the project pins, in which everything but the set-up runs. */
export const PINNED_NODE = join(BIN, 'node');

/** What npm adds for its scripts (its variables and folders on the PATH) is no business of what they start. */
export function environmentWithoutNpm() {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => !/node_modules|node-gyp-bin/.test(folder));
  return { ...env, PATH: folders.join(delimiter) };
}

/** For the project's tools: they find each other and the pinned Node first. */
export function toolEnvironment() {
  const env = environmentWithoutNpm();
  return { ...env, PATH: `${BIN}${delimiter}${env.PATH}`, NEXT_TELEMETRY_DISABLED: '1' };
}
