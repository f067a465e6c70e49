// What is run as cgdeck by the tests: the built supervisor, in the Node that comes with it.
import { dirname, join } from 'node:path';

const HERE = dirname(import.meta.dirname);

export const SUPERVISOR = [join(HERE, 'node_modules/.bin/node'), join(HERE, 'dist/server/main.js')] as const;
