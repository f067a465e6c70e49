// The command that tests run as cgdeck: the built supervisor, in its own Node.
import { dirname, join } from 'node:path';

const HERE = dirname(import.meta.dirname);

export const SUPERVISOR = [join(HERE, 'node_modules/.bin/node'), join(HERE, 'dist/server/main.js')] as const;
